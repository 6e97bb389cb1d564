// Whether the `muster` lines that the screens offer to copy are ones: each is given to the command line, which says what it thinks of it.
//   MUSTER_SERVER=… MUSTER_TOKEN=… node scripts/commands.mjs [SCREEN…]
// A line that only reads is run; of any other it is asked whether its verb has these options (--help). Ends with 1 when one is none.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { screensOf } from './screens.mjs';

const server = process.env.MUSTER_SERVER ?? 'http://127.0.0.1:8080';
const token = process.env.MUSTER_TOKEN;
if (!token) throw new Error('MUSTER_TOKEN is not set; it is in the file admin.token of the data directory');
const muster = process.env.MUSTER ?? fileURLToPath(new URL('../../muster', import.meta.url));
const wanted = process.argv.slice(2);
const READS = /^muster (get|describe|latest|telemetry|aggregate|twin|drift|logs(?!.*--follow)|events|timeline|positions|commands|explain|oncall now|(slo|alert|incident|runbook|release|rollout|silence|file|gameday|availability|sli) (show|list|targets|figures|runs|explain|why|assets|sbom)\b)/;
const MORE = 'main button:has-text("Copy as")';

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await context.grantPermissions(['clipboard-read', 'clipboard-write']);
const page = await context.newPage();
await page.goto(`${server}/console/`);
await page.getByPlaceholder('muster_').fill(token);
await page.getByRole('button', { name: 'Log in' }).click();
await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

const found = new Map();
for (const [name, path] of Object.entries(await screensOf(server, token))) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await page.goto(`${server}/console${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 20_000 });
  await page.locator('.mantine-Loader-root, .mantine-Skeleton-root').first().waitFor({ state: 'detached', timeout: 10_000 }).catch(() => console.log(`${name}: it is still loading`));
  await page.waitForTimeout(400);
  const lines = (await page.locator('code').allInnerTexts()).filter((text) => text.startsWith('muster '));
  for (const button of await page.locator(MORE).all()) {
    await button.click();
    const item = page.getByRole('menuitem', { name: 'muster' });
    if ((await item.count()) > 0) {
      await item.click();
      await page.getByRole('menuitem', { name: 'muster copied' }).waitFor();
      lines.push(await page.evaluate(() => navigator.clipboard.readText()));
    }
    await page.keyboard.press('Escape');
  }
  const twice = lines.filter((line, index) => lines.indexOf(line) !== index);
  if (twice.length > 0) console.log(`${name}: twice the same: ${twice[0]}`);
  if (lines.length === 0) console.log(`${name}: no line`);
  for (const line of new Set(lines)) found.set(line, [...(found.get(line) ?? []), name]);
}
await browser.close();

/** Whether a verb's help speaks of every option of the line; help itself passes over those that it does not know. */
function knows(help, words) {
  const options = words.match(/(?<= )--?[a-z][\w-]*/g) ?? [];
  const usage = help.slice(0, help.indexOf('\n\n') < 0 ? undefined : help.indexOf('\n\n'));
  // Where it still wants a command, the line's next word was none.
  return !/\[COMMAND\]/.test(usage) && options.every((option) => new RegExp(`(^|[\\s[,(|])${option}(?![\\w-])`, 'm').test(help));
}

let wrong = 0;
for (const [line, names] of found) {
  const words = line.replace(/^muster /, '');
  const asked = READS.test(line) ? words : `${words} --help`;
  const { status, stderr, stdout } = spawnSync('sh', ['-c', `exec "$MUSTER" ${asked}`], { env: { ...process.env, MUSTER: muster, MUSTER_SERVER: server, MUSTER_TOKEN: token }, encoding: 'utf8', timeout: 60_000 });
  const helped = asked !== words && status === 0 && /^Usage/m.test(stdout) && knows(stdout, words);
  const good = status === 0 && (asked === words || helped);
  if (!good) wrong++;
  console.log(`${good ? (asked === words ? 'ran   ' : 'parses') : `WRONG ${status}`} ${line}   (${names.join(', ')})${good ? '' : `\n      ${(stderr || stdout).trim().split('\n').slice(0, 3).join('\n      ')}`}`);
}
if (wrong > 0) process.exitCode = 1;
