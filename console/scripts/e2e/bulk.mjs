// A thousand assets get a label, after the screen has said who would.
export default async function ({ page, api, server, run, ok, until }) {
  const site = `hall-${run}`;
  await api('POST', 'assets/import', `id,type,site\n${Array.from({ length: 1000 }, (_, n) => `shelf-${run}-${String(n).padStart(4, '0')},sensor,${site}`).join('\n')}\n`, 'text/csv');
  await page.goto(`${server}/console/assets?selector=${encodeURIComponent(`asset.site == '${site}'`)}`);
  await page.getByRole('checkbox', { name: /choose all .* that match/ }).check();
  await page.getByRole('button', { name: 'Label, move, lifecycle…' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('label 1', { exact: true }).fill('ring');
  await form.getByLabel('value of label 1', { exact: true }).fill('early');
  await form.getByRole('status').getByText('1,000', { exact: true }).waitFor();
  await form.getByText(`shelf-${run}-0000`).waitFor();
  ok('the screen says which thousand would get a label');
  await form.getByRole('textbox', { name: /Type .* to confirm/ }).fill('1000 assets');
  await form.getByRole('button', { name: 'Change 1,000 assets' }).click();
  await form.getByRole('button', { name: 'Done' }).waitFor({ timeout: 60_000 });
  await form.getByText('1,000', { exact: true }).first().waitFor();
  await form.getByRole('button', { name: 'Done' }).click();
  const selector = encodeURIComponent(`asset.site == '${site}' && asset.labels.ring == 'early'`);
  await until('all thousand have it', async () => (await api('GET', `assets/count?selector=${selector}`)).count === 1000);
  await page.getByText('ring=early').first().waitFor();
  ok('a thousand assets have a label, and the list shows it');
}
