// On the map, assets that would overlap are one ring; a click comes closer until they are apart, and a click on one says which it is.
const NEAR = [{ lat: 47.1, lon: 8.1 }, { lat: 47.11, lon: 8.1 }];

export default async function ({ page, enrol, api, run, server, ok, until }) {
  const site = `harbour-${run}`;
  const assets = [];
  for (const [index, place] of NEAR.entries()) {
    const asset = await enrol(`boat-${run}-${index}`, { site });
    await asset.publish('position', place);
    assets.push(asset.id);
  }
  const selector = encodeURIComponent(`asset.site == '${site}'`);
  const placed = (more) => api('GET', `asset-places?selector=${selector}&west=-180&south=-90&east=180&north=90&${more}`);
  await until('both have told where they are', async () => (await placed('zoom=1')).located === NEAR.length);

  const { clusters: [ring] } = await placed('zoom=4');
  await page.goto(`${server}/console/assets?view=map&selector=${selector}&at=${ring.lat},${ring.lon},4`);
  const canvas = page.locator('main canvas');
  await canvas.waitFor();
  await page.getByText(`${NEAR.length} of ${NEAR.length} have told where they are`).waitFor();
  const zoom = () => Number(new URL(page.url()).searchParams.get('at')?.split(',')[2]);
  // Drawn without a graphics card, so not at once.
  await until('a click on the ring comes closer', async () => {
    await middle(canvas);
    return zoom() > 4;
  });
  ok('a click on a ring of assets comes closer');

  await page.goto(`${server}/console/assets?view=map&selector=${selector}&at=${NEAR[0].lat},${NEAR[0].lon},15`);
  await canvas.waitFor();
  const card = page.getByRole('dialog', { name: 'what was chosen on the map' });
  await until('a click on the asset says which it is', async () => {
    await middle(canvas);
    return (await card.count()) > 0;
  });
  await card.getByText(assets[0], { exact: true }).waitFor();
  await card.getByText(`pos · ${site}`).waitFor();
  ok('a click on an asset says which it is');
  await card.getByRole('button', { name: 'Its way' }).click();
  await page.getByText(/1 position,/).waitFor();
  ok('its way is shown');
  await page.getByRole('button', { name: 'no way' }).click();
  await card.getByRole('link', { name: 'Open' }).click();
  await page.getByRole('heading', { level: 1, name: assets[0] }).waitFor();
  ok('it is opened from the map');

  async function middle(of) {
    const box = await of.boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForTimeout(500);
  }
}
