// From an incident to what happened to its asset at that moment.
import { tooHot } from './world.mjs';

export default async function ({ page, api, apply, enrol, server, run, ok, until }) {
  const { id, publish } = await enrol(`pump-${run}`);
  const rule = `pump-hot-${run}`;
  await apply(tooHot(rule, id, 'page'));
  await publish('telemetry', { 'temperature.case': 410 });
  const [incident] = await until('an incident is opened', async () => {
    const { items } = await api('GET', 'incidents?state=open&limit=100');
    const of = items.filter(({ title, about }) => JSON.stringify([title, about]).includes(id) || title.includes(rule));
    return of.length > 0 && of;
  }, 60_000);
  await page.goto(`${server}/console/incidents/${incident.number}?tab=alerts`);
  await page.getByRole('link', { name: `what happened to ${id} then` }).first().click();
  await page.getByRole('heading', { level: 1, name: id }).waitFor();
  const list = page.getByRole('list', { name: /what happened/ });
  await list.getByText(rule).first().waitFor();
  await list.locator('[aria-current]').waitFor();
  const { searchParams } = new URL(page.url());
  if (searchParams.get('tab') !== 'timeline' || Number.isNaN(Date.parse(searchParams.get('at')?.replaceAll('"', '')))) throw new Error(`the moment is not in the address: ${page.url()}`);
  ok("an asset's timeline is opened at the moment of an incident, which the address holds");
}
