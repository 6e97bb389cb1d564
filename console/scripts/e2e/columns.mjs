// The list of assets shows the version of a component and a metric of its type, which are remembered for that type; how it looks is kept
// as a view, found again and deleted.
export default async function ({ page, enrol, api, run, server, ok, until }) {
  const site = `shop-${run}`;
  const { id, publish } = await enrol(`shown-${run}`, { site });
  await publish('state/reported', { generation: 0, config: {}, software: { app: `7.${run}` } });
  await publish('telemetry', { 'temperature.case': 301.5 });
  await until('the version is known', async () => (await api('GET', `assets/${id}`)).software.app === `7.${run}`);
  await until('its component is among those that assets have', async () => (await api('GET', 'asset-keys')).software.some(({ value }) => value === 'app'));

  await page.goto(`${server}/console/assets?selector=${encodeURIComponent(`asset.site == '${site}'`)}`);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByText('Narrow to one type to choose among its metrics.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('group', { name: 'Type' }).getByRole('checkbox', { name: /pos/ }).check();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByText('remembered for pos on this browser').waitFor();
  await page.getByRole('menuitemcheckbox', { name: /^app\s*version/ }).click();
  await page.getByRole('menuitemcheckbox', { name: /^temperature\.case\s*metric/ }).click();
  await page.keyboard.press('Escape');
  const row = page.getByRole('row').filter({ hasText: id });
  await row.getByText(`7.${run}`).waitFor();
  await row.getByText('301.5 K').waitFor();
  ok('columns of a version and of a metric of its type are chosen');
  await publish('telemetry', { 'temperature.case': 304.5 });
  await row.getByText('304.5 K').waitFor();
  ok('what it measures then is on the list');

  await page.goto(`${server}/console/assets?f=${encodeURIComponent(JSON.stringify(['type=pos']))}&q=${id}`);
  await row.getByText('304.5 K').waitFor();
  ok('the columns are remembered for the type');

  const name = `shop ${run}`;
  const views = () => page.getByRole('button', { name: /^(Views|shop .*)$/ });
  await views().click();
  await page.getByRole('menuitem', { name: 'Keep what is shown…' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  await form.getByRole('button', { name: 'Keep' }).click();
  await form.waitFor({ state: 'detached' });
  await page.goto(`${server}/console/assets`);
  await views().click();
  await page.getByRole('menuitem', { name: new RegExp(name) }).click();
  await row.getByText('304.5 K').waitFor();
  ok('a view is kept, and found again with its columns');
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('button', { name: `delete the view ${name}` }).click();
  await page.getByRole('dialog', { name: `Delete the view ${name}` }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  if ((await api('GET', 'asset-views')).items.some((view) => view.name === name)) throw new Error('the view is still there');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'All assets' }).waitFor();
  if ((await page.getByRole('menuitem', { name }).count()) > 0) throw new Error('the view is still offered');
  ok('a kept view is deleted');
  await page.keyboard.press('Escape');
}
