// A rollout of a configuration to simulated tills: it is written in the wizard; its plan is looked at, it is started, watched to its end and
// rolled back, by keyboard only.
import { keyboardOf } from './world.mjs';

export default async function ({ page, server, api, apply, simulated, run, ok, until }) {
  const tills = (await simulated()).filter(({ type }) => type === 'pos');
  const name = `receipts-${run}`;
  await apply(`
apiVersion: muster.dev/v1
kind: Group
metadata: {name: tills-${run}}
spec: {selector: "asset.type == 'pos' && asset.labels.simulated == 'true'"}
---
apiVersion: muster.dev/v1
kind: Configuration
metadata: {name: tills-${run}}
spec: {target: {group: tills-${run}}, config: {receipt: {copies: 2}}, conflict: enforce}
`);
  await write({ page, server, name, configuration: `tills-${run}` });
  ok('a rollout is written in the wizard, from its first step to the draft');
  const keys = keyboardOf(page);
  await page.getByText('canary').first().waitFor();
  const confirm = async (verb, reason) => {
    await keys.press(`${verb}…`);
    await page.getByRole('dialog').waitFor();
    await keys.type(/^Reason/, reason);
    await keys.type(/^Type .* to confirm/, name);
    await keys.press(verb);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  await confirm('Start', 'one receipt is enough');
  ok('it is planned and started by keyboard only');
  await page.getByText('completed', { exact: true }).first().waitFor({ timeout: 90_000 });
  await page.getByText(`${tills.length} of ${tills.length}`).first().waitFor();
  ok('its waves are seen to succeed, one after the other');
  await confirm('Roll back', 'the auditors want two');
  await page.getByText('rolled back', { exact: true }).first().waitFor({ timeout: 60_000 });
  await until('every till has two again', async () => {
    const { status } = await api('GET', `rollouts/${name}`);
    return status.phase === 'rolled_back' && status.counts.rolled_back === tills.length;
  });
  ok('it is rolled back, and every till is seen to have what it had');
}

/** Through all steps of the wizard; what is asked of it here is little, so that it ends within seconds. */
async function write({ page, server, name, configuration }) {
  const next = async (title) => {
    await page.getByRole('button', { name: `Next: ${title}` }).click();
    await page.getByRole('heading', { level: 2, name: title }).waitFor();
  };
  await page.goto(`${server}/console/rollouts`);
  await page.getByRole('link', { name: 'New rollout' }).click();
  await page.getByRole('radio', { name: /^A new content of a configuration/ }).check();
  await page.getByRole('textbox', { name: /^Configuration/ }).fill(configuration);
  await page.getByRole('option', { name: configuration, exact: true }).click();
  const content = page.getByRole('textbox', { name: 'What it is to say in the end' });
  await content.getByText('copies').waitFor();
  await content.fill('receipt:\n  copies: 1\n');
  await page.getByRole('textbox', { name: /^Name of the rollout/ }).fill(name);
  await next('Who');
  await next('Waves');
  await page.getByRole('button', { name: 'remove wave 2' }).click();
  await next('Gates');
  await next('When and how fast');
  await page.getByRole('textbox', { name: /^Soak/ }).fill('1s');
  await page.getByRole('textbox', { name: /^Time-out/ }).fill('60s');
  await next('Plan');
  await page.getByRole('button', { name: 'Create the draft' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
