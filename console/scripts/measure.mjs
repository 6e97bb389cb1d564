// Measures the console in a real Chromium against a server that runs, and prints a JSON object a line: name, value, unit, bar.
// `bench/run console` starts the server, gives it its assets and runs this; by hand:
//   MUSTER_SERVER=… MUSTER_TOKEN=… MUSTER_PID=… node scripts/measure.mjs
// What is measured: from a navigation until the first row or figure (or the text that there is none) was painted, with what a browser keeps in
// its cache; from an input until the next picture (Event Timing); bytes of scripts; the server's processor time by /proc; consoles that are
// clients which ask what a real page asked, at its pace, each with a login and a stream of its own.
import { readFileSync, readdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { MUSTER_SERVER: server, MUSTER_TOKEN: token, MUSTER_PID: pid } = process.env;
if (!server || !token) throw new Error('MUSTER_SERVER and MUSTER_TOKEN must be set');
const rounds = Number(process.env.ROUNDS ?? 7);
const seconds = Number(process.env.SECONDS ?? 60);
const consoles = Number(process.env.CONSOLES ?? 50);
const screens = (process.env.SCREENS ?? ',assets,drift,commands,alerts,incidents,slos,rollouts,configurations,releases,readiness,certificates,claim-tokens,audit').split(',');

const say = (name, value, unit, bar) => console.log(JSON.stringify({ name, value, unit, ...(bar === undefined ? {} : { bar }) }));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const part = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs in the page: when the first content was painted, in milliseconds since the navigation; and the durations of inputs. */
function watch() {
  const shows = () => document.querySelector('main h1') && document.querySelector('main [role="row"][aria-rowindex], main tbody tr, main li, main .num, main canvas, main h4, main .mantine-Card-root');
  globalThis.__whenShown = (other) => new Promise((resolve, reject) => {
    const look = () => {
      if (other() && shows()) requestAnimationFrame(() => resolve(performance.now()));
      else if (performance.now() > 60_000) reject(new Error(`nothing is shown at ${location.pathname}`));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  globalThis.__first = new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => resolve(globalThis.__whenShown(() => true))));
  globalThis.__inputs = [];
  new PerformanceObserver((list) => list.getEntries().forEach(({ name, duration, interactionId }) => interactionId && globalThis.__inputs.push({ name, duration }))).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await context.addInitScript(watch);
const page = await context.newPage();
page.setDefaultTimeout(30_000);
page.on('pageerror', (error) => { throw error; });

await page.goto(`${server}/console/`);
await page.getByPlaceholder('muster_').waitFor();
const scripts = () => page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0));
say('console.javascript.initial', (await scripts()) / 1000, 'kB compressed', 300);
await page.getByPlaceholder('muster_').fill(token);
await page.getByRole('button', { name: 'Log in' }).click();
await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
say('console.javascript.with-dashboard', (await scripts()) / 1000, 'kB compressed');

for (const screen of screens) {
  const opened = [];
  for (let round = 0; round <= rounds; round++) {
    await page.goto(`${server}/console/${screen}`);
    const shown = await page.evaluate(() => globalThis.__first);
    if (round > 0) opened.push(shown); // the first one fills the cache
  }
  const name = screen === '' ? 'overview' : screen;
  say(`console.first-content.${name}.p50`, median(opened), 'ms', 500);
  say(`console.first-content.${name}.most`, Math.max(...opened), 'ms');
  const changed = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto(`${server}/console/${screen === 'certificates' ? 'audit' : 'certificates'}`);
    await page.evaluate(() => globalThis.__first);
    await sleep(300);
    changed.push(await page.evaluate(async (path) => {
      const before = document.querySelector('main h1').textContent;
      const begun = performance.now();
      document.querySelector(`nav a[href="${path}"]`).click();
      return (await globalThis.__whenShown(() => document.querySelector('main h1')?.textContent !== before)) - begun;
    }, `/console/${screen}`));
  }
  say(`console.change-to.${name}.p50`, median(changed), 'ms', 500);
}

/** The longest that an input of it waited for the next picture. */
async function interaction(name, act) {
  const longest = [];
  for (let round = 0; round < rounds; round++) {
    await page.evaluate(() => { globalThis.__inputs = []; });
    await act(round);
    await sleep(400);
    longest.push(Math.max(0, ...(await page.evaluate(() => globalThis.__inputs.map(({ duration }) => duration)))));
  }
  say(`console.interaction.${name}.p50`, median(longest), 'ms', 100);
  say(`console.interaction.${name}.most`, Math.max(...longest), 'ms');
}
await page.goto(`${server}/console/assets`);
await page.evaluate(() => globalThis.__first);
const search = page.locator('main input').first();
await interaction('search', async (round) => {
  await search.click();
  await search.fill('');
  await page.keyboard.type(`-0${round}`);
});
await search.fill('');
await sleep(1000);
await interaction('scroll', async () => {
  const table = page.getByRole('table', { name: 'assets' });
  await table.focus();
  for (let times = 0; times < 5; times++) await page.keyboard.press('PageDown');
});
await interaction('palette', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'go to' }).waitFor();
  await page.keyboard.type('asset');
  await sleep(400);
  await page.keyboard.press('Escape');
});
await interaction('open-asset', async () => {
  await page.goto(`${server}/console/assets`);
  await page.evaluate(() => globalThis.__first);
  await page.evaluate(() => { globalThis.__inputs = []; });
  await page.locator('main [role="row"][aria-rowindex] a').first().click();
  await page.getByRole('tab').first().waitFor();
});
await interaction('open-drawer', async () => {
  await page.goto(`${server}/console/audit`);
  await page.evaluate(() => globalThis.__first);
  await page.evaluate(() => { globalThis.__inputs = []; });
  await page.locator('main [role="row"][aria-rowindex]').first().click();
  await page.getByRole('dialog').waitFor();
});

/** Processor time of a process and of all that it started, in seconds. */
function processorTime() {
  const stats = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return [{ pid: name, parent: fields[1], ticks: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return []; // ended meanwhile
    }
  });
  const of = (id) => stats.filter(({ parent }) => parent === id).reduce((sum, child) => sum + of(child.pid), stats.find((each) => each.pid === id)?.ticks ?? 0);
  return of(pid) / 100;
}

const api = (path, more = {}) => fetch(`${server}${path}`, { ...more, headers: { Authorization: `Bearer ${token}`, ...more.headers } });
let changing = true;
const [changed] = (await (await api('/api/v1/assets?limit=1')).json()).items;
const changes = (async () => {
  for (let count = 0; changing; count++) {
    const { type, labels } = changed;
    const answer = await api(`/api/v1/assets/${changed.id}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type, lifecycle: changed.lifecycle, labels: { ...labels, count: String(count) } }) });
    if (!answer.ok) throw new Error(`PUT of ${changed.id}: ${answer.status} ${await answer.text()}`);
    await sleep(1000);
  }
})();

async function share(during) {
  const [before, begun] = [processorTime(), Date.now()];
  await during;
  return ((processorTime() - before) * 100_000) / (Date.now() - begun);
}

if (pid) {
  await page.goto('about:blank');
  await sleep(3000);
  const idle = await share(sleep(seconds * 1000));
  await page.goto(`${server}/console/`);
  await page.evaluate(() => globalThis.__first);
  await sleep(3000);
  const asked = [];
  const begun = Date.now();
  const record = (request) => request.url().includes('/api/v1/') && !request.url().endsWith('/stream') && asked.push({ at: Date.now() - begun, path: request.url().slice(server.length) });
  page.on('request', record);
  const open = await share(sleep(seconds * 1000));
  page.off('request', record);
  say('console.server.idle', idle, '% of a core, one asset changed a second');
  say('console.server.one-dashboard', open - idle, '% of a core more with one open dashboard', 1);
  say('console.server.requests-of-a-dashboard', (asked.length * 60) / seconds, 'a minute');

  const times = [];
  const failed = [];
  const stop = new AbortController();
  const one = async () => {
    const login = await api('/api/v1/session', { method: 'POST' });
    const headers = { Cookie: login.headers.get('set-cookie').split(';')[0], 'X-Muster-Console': 'unattended' };
    const stream = await fetch(`${server}/api/v1/stream`, { headers, signal: stop.signal });
    if (!stream.ok) failed.push(`stream ${stream.status}`);
    (async () => { for await (const _ of stream.body); })().catch(() => {}); // ends with the measurement
    const from = Date.now() - Math.random() * seconds * 1000;
    for (let next = 0; !stop.signal.aborted; next++) {
      const { at, path } = asked[next % asked.length];
      const due = from + Math.floor(next / asked.length) * seconds * 1000 + at;
      if (due < Date.now() - 2000) continue; // before it began
      await sleep(Math.max(0, due - Date.now()));
      if (stop.signal.aborted) return;
      const sent = performance.now();
      const answer = await fetch(`${server}${path}`, { headers });
      await answer.arrayBuffer();
      times.push(performance.now() - sent);
      if (!answer.ok) failed.push(`${path} ${answer.status}`);
    }
  };
  const running = Array.from({ length: consoles }, one);
  await sleep(5000);
  times.length = 0;
  const many = await share(sleep(seconds * 1000));
  const opened = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto(`${server}/console/assets`);
    opened.push(await page.evaluate(() => globalThis.__first));
  }
  stop.abort();
  await Promise.all(running);
  say('console.many.consoles', consoles, 'protocol clients with a login and a stream each, beside one page');
  say('console.many.server', many - idle, '% of a core more');
  say('console.many.requests', times.length / seconds, 'a second');
  say('console.many.answer.p99', part(times, 0.99), 'ms');
  say('console.many.failed', failed.length, failed.length === 0 ? 'requests' : `requests: ${failed.slice(0, 3).join('; ')}`, 0);
  say('console.many.first-content.assets.p50', median(opened), 'ms', 500);
}
changing = false;
await changes;
await browser.close();
