// Takes a picture of every screen of a running console, light and dark, at several widths, into an ignored folder; with AXE=1 it
// also says what axe-core finds there, and ends with 1 when that is anything serious.
//   MUSTER_SERVER=http://127.0.0.1:8080 MUSTER_TOKEN=muster_… npm run screenshots [-- SCREEN…]
// WIDTHS=360,1440 and SCHEMES=dark take fewer; a name that ends with * takes those that begin so.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { violations } from './axe.mjs';
import { screensOf } from './screens.mjs';

const server = process.env.MUSTER_SERVER ?? 'http://127.0.0.1:8080';
const token = process.env.MUSTER_TOKEN;
if (!token) throw new Error('MUSTER_TOKEN is not set; it is in the file admin.token of the data directory');
const out = process.env.OUT ?? 'target/screenshots';
const widths = (process.env.WIDTHS ?? '360,768,1440,2560').split(',').map(Number);
const schemes = (process.env.SCHEMES ?? 'light,dark').split(',');
const wanted = process.argv.slice(2);
const wants = (name) => wanted.length === 0 || wanted.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
mkdirSync(out, { recursive: true });

const screens = await screensOf(server, token);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let found = 0;
let failed = 0;
for (const scheme of schemes) {
  for (const width of widths) {
    const context = await browser.newContext({ viewport: { width, height: width >= 2560 ? 1440 : 900 }, colorScheme: scheme });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${page.url()}: page error: ${error.message}`));
    const take = async (name) => {
      // What moves comes to rest, what is asked for is there; what refreshes itself may go on.
      await page.locator('.mantine-Loader-root, .mantine-Skeleton-root').first().waitFor({ state: 'detached', timeout: 10_000 }).catch(() => console.log(`${name} ${width} ${scheme}: it is still loading`));
      await page.waitForTimeout(name === 'map' ? 5_000 : 500); // a map is drawn without a graphics card here
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) console.log(`${name} ${width} ${scheme}: ${wide} px wider than the window`);
      if (process.env.AXE) {
        for (const each of await violations(page)) {
          found++;
          console.log(`${name} ${width} ${scheme}: ${each}`);
        }
      }
      await page.screenshot({ path: `${out}/${name}-${width}-${scheme}.png` });
    };
    await page.goto(`${server}/console/`);
    await page.getByPlaceholder('muster_').waitFor();
    if (wants('login')) await take('login');
    await page.getByPlaceholder('muster_').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    page.on('console', (message) => message.type() === 'error' && console.log(`${page.url()}: console error: ${message.text()}`));
    for (const [name, path] of Object.entries(screens)) {
      if (!wants(name)) continue;
      // What cannot be taken is told, and does not keep the others from being taken.
      await page
        .goto(`${server}/console${path}`)
        .then(() => page.getByRole('heading', { level: 1 }).waitFor({ timeout: 20_000 }))
        .then(() => take(name))
        .catch((error) => {
          failed++;
          console.log(`${name} ${width} ${scheme}: no picture of ${path}: ${error.message.split('\n')[0]}`);
        });
    }
    for (const [name, act] of [
      ['palette', () => page.keyboard.press('Control+k')],
      ['shortcuts', () => page.keyboard.press('?')],
      ['menu', () => page.getByRole('button', { name: 'menu', exact: true }).click()],
    ]) {
      if (!wants(name) || (name === 'menu' && width >= 768)) continue;
      await page.goto(`${server}/console/`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await act();
      if (name !== 'menu') await page.getByRole('dialog').waitFor();
      await take(name);
    }
    await context.close();
  }
}
await browser.close();
console.log(`pictures are in ${out}`);
if (found > 0 || failed > 0) process.exitCode = 1;
