// An alert is found, acknowledged and silenced, by keyboard only.
import { keyboardOf, tooHot } from './world.mjs';

export default async function ({ page, api, apply, enrol, run, ok, until }) {
  const { id, publish } = await enrol(`oven-${run}`);
  const rule = `oven-hot-${run}`;
  await apply(tooHot(rule, id, 'ticket'));
  await publish('telemetry', { 'temperature.case': 399 });
  await until('the alert fires', async () => (await api('GET', `alerts?state=firing&asset=${id}`)).items.length > 0, 40_000);

  const keys = keyboardOf(page);
  await keys.goTo(rule, new RegExp(`^${rule}`));
  await page.getByRole('heading', { level: 1, name: rule }).waitFor();
  await keys.press('Acknowledge…');
  await page.getByRole('dialog').getByText('Says that you look after it').waitFor();
  await keys.type(/^Note/, 'I look at the oven');
  await keys.press('Acknowledge');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('I look at the oven').first().waitFor();
  const { items: [acknowledged] } = await api('GET', `alerts?state=firing&asset=${id}`);
  if (acknowledged.acknowledgement?.note !== 'I look at the oven') throw new Error(`the server knows nothing of it: ${JSON.stringify(acknowledged)}`);
  ok('an alert is found and acknowledged by keyboard only');

  await keys.press('Silence…');
  await page.getByRole('dialog').getByText('Would hide now: 1 alert').waitFor();
  await keys.type(/^Comment/, 'the oven is being repaired');
  await keys.press('Silence');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('the oven is being repaired').first().waitFor();
  ok('it is silenced by keyboard only, after what that hides was shown');
}
