// Two windows of one browser: one stream for both, which the second takes over and goes on with; who logs out is logged out in both.
export default async function ({ page, context, api, server, run, ok }) {
  await page.goto(`${server}/console/assets?q=shelf-${run}`);
  await page.getByText('live', { exact: true }).waitFor();
  const streams = [];
  context.on('request', (request) => request.url().endsWith('/api/v1/stream') && streams.push(request.headers()['last-event-id'] ?? ''));
  const second = await context.newPage();
  await second.goto(`${server}/console/assets?q=shelf-${run}`);
  await second.getByText('live', { exact: true }).waitFor();
  await second.getByText('No asset matches').waitFor();
  await api('POST', 'assets', { id: `shelf-${run}-1`, type: 'pos' });
  await second.getByText(`shelf-${run}-1`).first().waitFor();
  if (streams.length > 0) throw new Error('the second window opened a stream of its own');
  ok('a second window sees what happens through the stream of the first');

  await page.goto('about:blank');
  await second.getByText('live', { exact: true }).waitFor();
  await api('POST', 'assets', { id: `shelf-${run}-2`, type: 'pos' });
  await second.getByText(`shelf-${run}-2`).first().waitFor();
  if (streams.length === 0 || !/^\d+$/.test(streams[0])) throw new Error(`the second window did not go on after what it had seen: ${JSON.stringify(streams)}`);
  ok('when the first is gone, the second goes on after the last entry');

  await page.goto(`${server}/console/`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await second.getByRole('button', { name: /^account of/ }).click();
  const reloaded = second.waitForEvent('load'); // a page that is closed while it reloads is at times never said to be closed
  await second.getByRole('menuitem', { name: 'Log out', exact: true }).click();
  await page.getByPlaceholder('muster_').waitFor();
  await reloaded;
  await second.getByPlaceholder('muster_').waitFor();
  ok('who logs out in one window is logged out in both');
  await second.close();
}
