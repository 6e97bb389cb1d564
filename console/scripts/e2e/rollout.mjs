// A rollout of a configuration to simulated tills: its plan is looked at, it is started, watched to its end and rolled back, by keyboard only.
import { keyboardOf } from './world.mjs';

export default async function ({ page, api, apply, simulated, run, ok, until }) {
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
---
apiVersion: muster.dev/v1
kind: Rollout
metadata: {name: ${name}}
spec:
  change: {configuration: {name: tills-${run}, config: {receipt: {copies: 1}}}}
  waves: [{name: canary, count: 2}, {name: all, percent: 100%}]
  soak: 1s
  timeout: 60s
`);
  const keys = keyboardOf(page);
  await keys.goTo(name, new RegExp(`^${name}`));
  await page.getByRole('heading', { level: 1, name }).waitFor();
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
  ok('a rollout is planned and started by keyboard only');
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
