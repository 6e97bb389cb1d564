// A thousand assets get a label in one go: who would change is shown before, a retired one is left out and says why, the server does it.
const MANY = 1000;

export default async function ({ page, server, token, run, api, until, ok }) {
  const site = `depot-${run}`;
  const rows = Array.from({ length: MANY }, (_, index) => `${run}-${String(index).padStart(4, '0')},pos,${site},wide`).join('\n');
  await send(`id,type,site,label.ring\n${rows}\n${run}-gone,pos,${site},wide\n`);
  await api('PUT', `assets/${run}-gone`, { type: 'pos', site, labels: { ring: 'wide' }, lifecycle: 'retired' });

  await page.goto(`${server}/console/assets`);
  const field = page.getByRole('textbox', { name: 'Search' });
  await field.fill(`asset.site == '${site}' && asset.labels.nonsense.x`);
  await page.getByText(/selector is not valid: at character/).waitFor();
  ok('a selector that is none says where it goes wrong');

  await field.fill(`asset.site == '${site}'`);
  await page.getByText(`${(MANY + 1).toLocaleString('en')} match`).waitFor();
  await page.getByRole('group', { name: 'Lifecycle' }).getByRole('checkbox', { name: /retired/ }).getByText('1', { exact: true }).waitFor();
  ok('facets count what the selector leaves');

  await page.getByRole('checkbox', { name: /choose all .* that match/ }).check();
  await page.getByRole('button', { name: 'Label, move, lifecycle…' }).click();
  const form = page.getByRole('dialog', { name: 'Change the chosen assets' });
  await form.getByRole('textbox', { name: 'label 1', exact: true }).fill('ring');
  await form.getByRole('textbox', { name: 'value of label 1' }).fill('canary');
  await form.getByText('are retired').waitFor();
  const button = form.getByRole('button', { name: `Change ${MANY.toLocaleString('en')} assets` });
  await button.waitFor();
  if (!(await button.isDisabled())) throw new Error('a thousand assets can be changed without typing how many they are');
  if ((await selected(`asset.site == '${site}' && asset.labels.ring == 'canary'`)) !== 0) throw new Error('the preview changed assets');
  ok('the preview says who would change, and who is left out and why');

  await form.getByRole('textbox', { name: /Type .* to confirm/ }).fill(`${MANY} assets`);
  const begun = Date.now();
  await button.click();
  const progress = page.getByRole('dialog', { name: 'Change of many assets' });
  await progress.getByText('done', { exact: true }).waitFor();
  await until('a thousand assets with the label', async () => (await selected(`asset.site == '${site}' && asset.labels.ring == 'canary'`)) === MANY);
  ok(`${MANY} assets have the label, ${((Date.now() - begun) / 1000).toFixed(1)} s after the click`);
  await progress.getByRole('button', { name: 'Done' }).click();

  async function send(csv) {
    const answer = await fetch(`${server}/api/v1/assets/import`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' }, body: csv });
    const text = await answer.text();
    if (!text.includes(`"created":${MANY + 1}`)) throw new Error(`the assets were not imported: ${text}`);
  }

  async function selected(selector) {
    return (await api('GET', `assets/count?selector=${encodeURIComponent(selector)}`)).count;
  }
}
