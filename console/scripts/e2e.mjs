// What a person sees in a real browser, scenario by scenario (e2e/*.mjs): each changes the world through the device plane or the API, and
// sees it on the screen. Nothing is faked between the assets and the screen.
//   MUSTER_SERVER=http://127.0.0.1:8080 MUSTER_MQTT=127.0.0.1:8883 MUSTER_TOKEN=muster_… node scripts/e2e.mjs [SCENARIO…]
// Some want simulated assets: muster sim --assets 12 --types pos=100 --pace 20 (MUSTER_FLEET says how many are meant to be there).
// Needs chromium (CHROMIUM says where), mosquitto_pub and mosquitto_sub. Ends with 0 when every line says ok.
import { chromium } from 'playwright-core';
import { makeWorld } from './e2e/world.mjs';

/** In this order: the first ones leave behind what the screens of the last one show. */
const SCENARIOS = ['executive', 'asset', 'alert', 'rollout', 'retry', 'runbook', 'oncall', 'columns', 'map', 'timeline', 'bulk', 'windows', 'access'];

const wanted = process.argv.slice(2);
const world = makeWorld(process.env);
let browser;
let page;
try {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(world.patience);
  const broken = [];
  const watch = (opened) => {
    opened.on('pageerror', (error) => broken.push(error.message));
    // What the policy of the page refuses is said on its console.
    opened.on('console', (message) => message.text().includes('Content Security Policy') && broken.push(message.text()));
  };
  watch(page);
  context.on('page', watch);
  await page.goto(`${world.server}/console/`);
  await page.getByPlaceholder('muster_').fill(world.token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  world.ok('a token logs in');
  for (const name of SCENARIOS.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    const begun = Date.now();
    const { default: play } = await import(`./e2e/${name}.mjs`);
    await play({ ...world, page, context, browser });
    console.log(`      ${name} took ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
  if (broken.length > 0) throw new Error(`the page broke: ${broken.join('; ')}`);
} catch (error) {
  if (page) {
    console.error(`FAIL  at ${page.url()}\n${await page.locator('body').innerText().catch(() => 'the page cannot be read')}`);
    if (process.env.PICTURE) await page.screenshot({ path: process.env.PICTURE }).catch(() => {});
  }
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  world.end();
}
