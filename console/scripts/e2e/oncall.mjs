// On call, by keyboard only: an alert is chosen with j, a runbook is run for it with r, and its run is seen to succeed.
import { keyboardOf, tooHot } from './world.mjs';

export default async function ({ page, api, apply, enrol, server, run, ok, until }) {
  const { id, publish, obey } = await enrol(`fridge-${run}`);
  const rule = `fridge-warm-${run}`;
  const book = `cool-${run}`;
  await apply(`${tooHot(rule, id, 'page')}---
apiVersion: muster.dev/v1
kind: Runbook
metadata: {name: ${book}}
spec:
  description: Tells who stands beside it
  steps:
    - {name: tell, command: {name: show-message, parameters: {text: close the door}}, timeout: 1m}
  tests:
    - name: it tells
      alert: {alertname: ${rule}, asset: pos-1}
      assets: [{id: pos-1, type: pos, state: {presence: online}}]
      expect: {outcome: succeeded, did: [command show-message pos-1]}
`);
  await publish('telemetry', { 'temperature.case': 399 });
  obey();
  await until('the alert fires', async () => (await api('GET', `alerts?state=firing&asset=${id}`)).items.length > 0, 40_000);
  await page.goto(`${server}/console/on-call`);
  const needs = page.getByRole('list', { name: 'what needs somebody now' });
  const mine = needs.getByRole('listitem').filter({ hasText: rule });
  await mine.waitFor();
  await page.locator('body').press('j');
  for (let moves = 0; (await mine.getAttribute('data-at')) !== 'true'; moves++) {
    if (moves > 60) throw new Error(`j does not reach ${rule}`);
    await page.keyboard.press('j');
  }
  await page.keyboard.press('r');
  const field = page.getByRole('dialog').getByRole('textbox', { name: 'Runbook' });
  await field.waitFor();
  await field.fill(book);
  await page.getByRole('option', { name: book }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: `Run ${book}` });
  await form.getByText(/Would act on 1 asset/).waitFor();
  await form.getByText(`muster runbook run ${book}`).waitFor();
  ok('j and r offer runbooks for the alert, and what one would do to whom');
  const keys = keyboardOf(page);
  await keys.press('Run');
  await page.getByRole('heading', { level: 1, name: `${book}: run` }).waitFor();
  await page.getByText('1 of 1 ended').waitFor({ timeout: 60_000 });
  await page.getByText('succeeded', { exact: true }).first().waitFor();
  ok('it is run by keyboard only, and its run is seen to succeed');
}
