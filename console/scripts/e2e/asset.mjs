// A value changes on the screen after the asset has sent it; a command runs, and its result is there.
export default async function ({ page, enrol, run, ok }) {
  const { id, publish, obey } = await enrol(`till-${run}`);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'go to' }).fill(id);
  await page.getByRole('option', { name: new RegExp(`^${id}`) }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: id }).waitFor();
  ok('Ctrl K finds the asset');

  await page.getByRole('tab', { name: 'Metrics' }).click();
  await publish('telemetry', { 'temperature.case': 301.5 });
  await page.getByText('301.5').waitFor();
  await publish('telemetry', { 'temperature.case': 305.2 });
  await page.getByText('305.2').waitFor();
  ok('a value changes on the screen after the asset has sent it');

  await page.getByRole('tab', { name: 'Commands' }).click();
  obey();
  await page.getByRole('button', { name: 'Run a command' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Command' }).fill('show');
  await page.getByRole('option', { name: 'show-message' }).click();
  await form.getByRole('textbox', { name: 'text' }).fill('Back in 5 minutes');
  await form.getByText(`muster run show-message --asset ${id}`).waitFor();
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('succeeded').waitFor();
  await form.getByText('show-message: Back in 5 minutes').waitFor();
  ok('a command runs, and its result is on the screen');
  await form.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: 'Run a command' }).click();
  await form.getByRole('textbox', { name: 'Command' }).fill('reboot');
  await page.getByRole('option', { name: 'reboot' }).click();
  const button = form.getByRole('button', { name: 'Run', exact: true });
  if (!(await button.isDisabled())) throw new Error('a command that interrupts service can be run without typing the name of the asset');
  await form.getByRole('textbox', { name: /Type .* to confirm/ }).fill(id);
  if (await button.isDisabled()) throw new Error('the typed name of the asset does not let the command run');
  ok('a command that interrupts service waits for the typed name');
  await page.keyboard.press('Escape');
}
