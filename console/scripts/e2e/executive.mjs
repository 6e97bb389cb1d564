// From the executive dashboard to what fails on an asset, in three clicks.
export default async function ({ page, api, enrol, server, run, ok, until }) {
  const { id, publish } = await enrol(`kiosk-${run}`);
  for (const text of ['one', 'two']) {
    const command = await api('POST', 'commands', { asset: id, name: 'show-message', parameters: { text }, timeout: '5m' });
    await publish(`commands/${command.id}/result`, { status: 'failed', detail: { output: 'the screen is broken' } });
    await until('the command has failed', async () => (await api('GET', `commands/${command.id}`)).status === 'failed');
  }
  await page.goto(`${server}/console/executive`);
  await page.getByRole('heading', { level: 1, name: 'Executive' }).waitFor();
  let clicks = 0;
  const click = async (what) => {
    clicks++;
    await what.first().click();
  };
  await click(page.locator('tr, li, div').filter({ has: page.getByRole('link', { name: id }) }).getByRole('link', { name: /show-message/ }));
  await page.getByRole('heading', { level: 1, name: id }).waitFor();
  await click(page.getByRole('row').filter({ hasText: 'show-message' }));
  await page.getByRole('dialog').getByText('the screen is broken').waitFor();
  if (clicks > 3) throw new Error(`it took ${clicks} clicks`);
  ok(`from the executive dashboard to the reason why an asset fails in ${clicks} clicks`);
  await page.keyboard.press('Escape');
}
