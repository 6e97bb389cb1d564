// A runbook is planned and started for an asset, which does what it is told; its steps are seen to succeed.
export default async function ({ page, apply, enrol, server, run, ok }) {
  const { id, obey } = await enrol(`scale-${run}`);
  obey();
  const name = `greet-${run}`;
  await apply(`
apiVersion: muster.dev/v1
kind: Runbook
metadata: {name: ${name}}
spec:
  description: Says hello
  steps:
    - {name: hello, command: {name: show-message, parameters: {text: hello}}, timeout: 1m}
  tests:
    - name: it says hello
      alert: {alertname: Silent, asset: pos-1}
      assets: [{id: pos-1, type: pos, state: {presence: online}}]
      expect: {outcome: succeeded, did: [command show-message pos-1]}
`);
  await page.goto(`${server}/console/runbooks/${name}?tab=start`);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByRole('textbox', { name: 'Selector' }).fill(`asset.id == '${id}'`);
  await page.getByText('1 asset', { exact: true }).waitFor();
  await page.getByRole('link', { name: id }).waitFor();
  ok('a runbook says what it would do to whom');
  await page.getByRole('button', { name: 'Start…' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: /Type .* to confirm/ }).fill(name);
  await form.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: `${name}: run` }).waitFor();
  await page.getByText('1 of 1 ended').waitFor({ timeout: 60_000 });
  await page.getByText('succeeded', { exact: true }).first().waitFor();
  ok('it runs, the asset does what it is told, and the run is seen to succeed');
}
