// A new content of a configuration, which one of two assets rejects: it is tried once more, alone, from the list of targets, and keeps it then.
export default async function ({ page, api, apply, enrol, server, run, ok, until }) {
  const name = `again-${run}`;
  const site = `yard-${run}`;
  const [good, bad] = [await enrol(`gate-${run}-a`, { site }), await enrol(`gate-${run}-b`, { site })];
  await apply(`
apiVersion: muster.dev/v1
kind: Group
metadata: {name: ${name}}
spec: {selector: "asset.site == '${site}'"}
---
apiVersion: muster.dev/v1
kind: Configuration
metadata: {name: ${name}}
spec: {target: {group: ${name}}, config: {lane: 1}, conflict: enforce}
`);
  const told = async ({ id }, lane) =>
    until(`${id} is told lane ${lane}`, async () => {
      const { desired } = await api('GET', `assets/${id}/twin`);
      return desired?.config?.lane === lane && desired.generation;
    });
  const keeps = async (asset, lane) => {
    await asset.publish('state/reported', { generation: await told(asset, lane), config: { lane }, software: {} });
    await asset.publish('heartbeat', {});
  };
  await keeps(good, 1);
  await keeps(bad, 1);
  await apply(`
apiVersion: muster.dev/v1
kind: Rollout
metadata: {name: ${name}}
spec:
  change: {configuration: {name: ${name}, config: {lane: 2}}}
  waves: [{name: all, percent: 100%}]
  soak: 15s
  timeout: 60s
  failures: {threshold: 90%, minSamples: 2, then: pause}
`);
  await api('POST', `rollouts/${name}/start`, { reason: 'both lanes' });
  await keeps(good, 2);
  good.live(); // its soak ends with the first word after it
  const generation = await told(bad, 2);
  await bad.publish('state/reported', { generation: generation - 1, config: { lane: 1 }, software: {}, rejected: { generation, reason: 'the barrier is down' } });
  await keeps(bad, 1);
  await until('one has failed', async () => (await api('GET', `rollouts/${name}`)).status.counts.failed === 1);

  await page.goto(`${server}/console/rollouts/${name}?tab=targets&stage=failed`);
  await page.getByRole('row').filter({ hasText: bad.id }).click();
  const card = page.getByRole('dialog');
  await card.getByText(/the barrier is down/).first().waitFor();
  ok('the failed target says why it failed');
  await card.getByRole('button', { name: 'Try it once more…' }).click();
  const form = page.getByRole('dialog', { name: /^Try once more/ });
  await form.getByRole('textbox', { name: /^Reason/ }).fill('the barrier is up');
  const confirm = form.getByRole('textbox', { name: /Type .* to confirm/ });
  if ((await confirm.count()) > 0) await confirm.fill(bad.id);
  await form.getByText(`muster rollout retry ${name} --asset ${bad.id}`).waitFor();
  await form.getByRole('button', { name: 'Try once more', exact: true }).click();
  await form.waitFor({ state: 'detached' });
  await until('it is told once more', async () => (await api('GET', `rollouts/${name}`)).status.counts.failed === undefined);
  await keeps(bad, 2);
  bad.live();
  await page.goto(`${server}/console/rollouts/${name}`);
  await page.getByText('completed', { exact: true }).first().waitFor({ timeout: 90_000 });
  await page.getByText('2 of 2').first().waitFor();
  ok('it is tried once more by a click, alone, and the rollout is seen to succeed');
}
