// Measures the console in a real Chromium against a server that runs, and prints a JSON object a line: name, value, unit, bar.
// `bench/run console` starts the server, gives it its assets and runs this; by hand:
//   MUSTER_SERVER=… MUSTER_TOKEN=… MUSTER_PID=… node scripts/measure.mjs
//   ONLY=screens,interactions,dashboards,consoles or names of screens, interactions and dashboards; ROUNDS=10 SECONDS=60 CONSOLES=50
// What is measured: from a navigation until the first rows or figures of the screen itself were painted, and until everything was there that it
// asks for, with what a browser keeps in its cache; the same for a change from another screen by the menu; from an input until the next picture
// (Event Timing); bytes of scripts; the server's processor time and memory by /proc; consoles that are clients which ask what a real page asked, at
// its pace, each with a login and a stream of its own.
import { readFileSync, readdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { MUSTER_SERVER: server, MUSTER_TOKEN: token, MUSTER_PID: pid } = process.env;
if (!server || !token) throw new Error('MUSTER_SERVER and MUSTER_TOKEN must be set');
const rounds = Number(process.env.ROUNDS ?? 10);
const seconds = Number(process.env.SECONDS ?? 60);
const consoles = Number(process.env.CONSOLES ?? 50);
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
const wants = (...names) => only.length === 0 || names.some((name) => only.includes(name));

const say = (name, value, unit, bar) => console.log(JSON.stringify({ name, value, unit, ...(bar === undefined ? {} : { bar }) }));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const part = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (name, values, bar) => {
  say(`${name}.p50`, median(values), 'ms', bar);
  say(`${name}.worst`, Math.max(...values), 'ms');
};

const api = (path, more = {}) => fetch(`${server}${path}`, { ...more, headers: { Authorization: `Bearer ${token}`, ...more.headers } });
/** The first of a list; what a screen of one object is measured with. */
async function first(path) {
  const answer = await api(`/api/v1/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const [found] = (await answer.json()).items;
  if (found === undefined) throw new Error(`${path}: there is none to look at`);
  return found;
}

const ROWS = 'main [role="row"][aria-rowindex], main tbody tr';
const FIGURES = 'main .num';
const heard = await first(`assets?limit=1&selector=${encodeURIComponent("asset.type == 'van'")}`);
const seen = await first(`assets?limit=1&sort=-id&selector=${encodeURIComponent("asset.type == 'vehicle' && asset.labels.simulated == 'true' && asset.presence == 'online'")}`).catch(() => heard); // by hand there may be no simulator
const rollout = (await first('rollouts?live=true&limit=1')).metadata.name;
const alert = (await first('alerts?state=firing&limit=1')).fingerprint;
const incident = (await first('incidents?state=open&limit=1')).number;
const facets = encodeURIComponent('labels.ring labels.model labels.line');
const chosen = encodeURIComponent(JSON.stringify(['region=eu-west']));

/** What is looked at: its name, its address, and what of it is content. */
const screens = [
  ['overview', '', FIGURES],
  ['executive', 'executive', FIGURES],
  ['on-call', 'on-call', 'main li, main [role="row"], main tbody tr, main .num'],
  ['health', 'health', FIGURES],
  ['assets', 'assets', ROWS],
  ['assets.search', 'assets?q=site-01%20eu', ROWS],
  ['assets.selector', `assets?selector=${encodeURIComponent("asset.labels.ring == 'canary' && asset.hardware == 'rev-b'")}`, ROWS],
  ['assets.facets', `assets?by=${facets}&f=${chosen}`, 'main [role="checkbox"] .num'],
  ['map', 'assets?view=map', 'main canvas'],
  ['asset.timeline', `assets/${heard.id}`, 'main [role="tabpanel"] .mantine-Chip-root'],
  ['asset.metrics', `assets/${seen.id}?tab=metrics`, 'main canvas'],
  ['asset.logs', `assets/${heard.id}?tab=logs&range=7d`, ROWS],
  ['asset.twin', `assets/${seen.id}?tab=twin`, 'main [role="tabpanel"] tbody tr, main [role="tabpanel"] [role="row"]'],
  ['asset.commands', `assets/${heard.id}?tab=commands`, ROWS],
  ['types', 'types', ROWS],
  ['drift', 'drift', ROWS],
  ['commands', 'commands', ROWS],
  ['alerts', 'alerts', ROWS],
  ['alert', `alerts/${alert}`, 'main [role="tab"]'],
  ['incidents', 'incidents', ROWS],
  ['incident', `incidents/${incident}`, 'main [role="tab"]'],
  ['runbooks', 'runbooks', ROWS],
  ['objectives', 'slos', ROWS],
  ['rules', 'alert-rules', ROWS],
  ['silences', 'silences', ROWS],
  ['schedules', 'schedules', 'main [role="rowheader"]'],
  ['rollouts', 'rollouts', ROWS],
  ['rollout', `rollouts/${rollout}`, 'main [role="tab"]'],
  ['rollout.targets', `rollouts/${rollout}?tab=targets`, ROWS],
  ['configurations', 'configurations', ROWS],
  ['releases', 'releases', ROWS],
  ['claim-tokens', 'claim-tokens', ROWS],
  ['certificates', 'certificates', ROWS],
  ['access', 'access', ROWS],
  ['audit', 'audit', ROWS],
  ['readiness', 'readiness', 'main section[aria-label]'],
];

/** Runs in the page: when content was painted, in milliseconds since a moment, and when nothing was asked for any more. */
function watch() {
  let asked = 0;
  const plain = globalThis.fetch;
  globalThis.fetch = async (...given) => {
    const url = String(given[0]?.url ?? given[0]);
    if (!url.includes('/api/v1/') || url.includes('/api/v1/stream')) return plain(...given);
    asked++;
    try {
      return await plain(...given);
    } finally {
      asked--;
    }
  };
  /** Frame after frame: a frame in which it holds is painted before the next one. */
  const when = (holds) => new Promise((resolve, reject) => {
    const end = performance.now() + 30_000;
    const look = () => {
      if (holds()) requestAnimationFrame(() => resolve(performance.now()));
      else if (performance.now() > end) reject(new Error(`nothing is shown at ${location.pathname}${location.search}: ${document.querySelector('main')?.innerText.slice(0, 300)}`));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const loads = '.mantine-Loader-root, .mantine-Skeleton-root';
  let left;
  globalThis.__leave = () => { left = document.querySelector('main h1').textContent; };
  globalThis.__shown = async (selector, since = 0) => {
    const content = () => {
      const main = document.querySelector('main');
      const title = main?.querySelector('h1')?.textContent;
      return title !== undefined && title !== left && document.querySelector(selector) !== null;
    };
    const painted = await when(content);
    let quiet = 0;
    const whole = await when(() => {
      quiet = content() && asked === 0 && document.querySelector(`main :is(${loads})`) === null ? quiet + 1 : 0;
      return quiet > 1;
    });
    return { painted: painted - since, whole: whole - since };
  };
  globalThis.__inputs = [];
  new PerformanceObserver((list) => list.getEntries().forEach(({ name, duration, interactionId }) => interactionId && globalThis.__inputs.push({ name, duration }))).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
process.on('SIGTERM', () => browser.close().finally(() => process.exit(1)));
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

/** A server that was just started has compiled little, and catches up with what came while it was away: until it takes less than half a core. */
if (pid) {
  const begun = Date.now();
  await page.goto('about:blank');
  while ((await share(sleep(15_000))) > 50 && Date.now() - begun < 300_000);
  say('console.server.settled', (Date.now() - begun) / 1000, 's after the login');
}

const shown = (selector) => page.evaluate((of) => globalThis.__shown(of), selector);
const open = async (path, selector) => {
  await page.goto(`${server}/console/${path}`);
  return shown(selector);
};

/** What cannot be measured does not end the rest. */
const lost = (name, error) => {
  console.error(`${name}: ${error.message}`);
  process.exitCode = 1;
};
for (const [name, path, selector] of screens) {
  if (!wants('screens', name)) continue;
  const opened = [];
  try {
    for (let round = 0; round <= rounds; round++) opened.push(await open(path, selector));
  } catch (error) {
    lost(name, error);
    continue;
  }
  const [cold, ...warm] = opened; // the first one fills the caches
  tell(`console.first-content.${name}`, warm.map(({ painted }) => painted), 500);
  tell(`console.whole.${name}`, warm.map(({ whole }) => whole));
  say(`console.whole.${name}.before`, cold.whole, 'ms, the first time');
}

const menu = screens.filter(([, path]) => /^[a-z-]*$/.test(path));
if (wants('screens', 'change')) {
  const changed = new Map(menu.map(([name]) => [name, []]));
  await open('', FIGURES);
  // In the order of the menu, so that each is left for long enough to be asked for anew.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, path, selector] of [...menu.slice(1), menu[0]]) {
      const { painted } = await page.evaluate(async ([to, of]) => {
        globalThis.__leave();
        const begun = performance.now();
        document.querySelector(`nav a[href="${to}"]`).click();
        return globalThis.__shown(of, begun);
      }, [`/console/${path}`, selector]);
      if (round > 0) changed.get(name).push(painted);
    }
  }
  for (const [name, times] of changed) tell(`console.change-to.${name}`, times, 500);
}

/** The longest that an input of it waited for the next picture. */
async function interaction(name, act) {
  if (!wants('interactions', name)) return;
  const longest = [];
  try {
    await measured(act, longest);
    tell(`console.interaction.${name}`, longest, 100);
  } catch (error) {
    lost(name, error);
  }
}
async function measured(act, longest) {
  for (let round = 0; round < rounds; round++) {
    await page.evaluate(() => { globalThis.__inputs = []; });
    await act(round);
    await sleep(400);
    longest.push(Math.max(0, ...(await page.evaluate(() => globalThis.__inputs.map(({ duration }) => duration)))));
  }
}
const begin = () => page.evaluate(() => { globalThis.__inputs = []; });
if (wants('interactions', 'type-search', 'sort', 'facet', 'page-down', 'palette', 'open-asset', 'change-tab', 'open-drawer', 'page-audit')) {
  await open('assets', ROWS);
  const search = page.locator('main input').first();
  await interaction('type-search', async (round) => {
    await search.click();
    await search.fill('');
    await page.keyboard.type(`-0${round}`, { delay: 60 });
  });
  await search.fill('');
  await sleep(1000);
  await interaction('sort', async () => {
    await page.getByRole('button', { name: /change the order/ }).first().click();
    await sleep(300);
  });
  await interaction('facet', async () => {
    await page.locator('main [role="checkbox"]').nth(2).click();
    await sleep(300);
  });
  await interaction('page-down', async () => {
    await page.getByRole('table', { name: 'assets' }).focus();
    for (let times = 0; times < 5; times++) await page.keyboard.press('PageDown');
  });
  await interaction('palette', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'go to' }).waitFor();
    await page.keyboard.type('asset', { delay: 60 });
    await sleep(400);
    await page.keyboard.press('Escape');
  });
  await interaction('open-asset', async () => {
    await open('assets', ROWS);
    await begin();
    await page.locator('main [role="row"][aria-rowindex] a').first().click();
    await page.getByRole('tab').first().waitFor();
  });
  await interaction('change-tab', async (round) => {
    await open(`assets/${seen.id}`, '[role="tab"]');
    await begin();
    await page.getByRole('tab', { name: ['Metrics', 'Twin', 'Commands', 'Presence', 'Logs'][round % 5] }).click();
  });
  await interaction('open-drawer', async () => {
    await open('audit', ROWS);
    await begin();
    await page.locator('main [role="row"][aria-rowindex]').first().click();
    await page.getByRole('dialog').waitFor();
  });
  await interaction('page-audit', async () => {
    await open('audit', ROWS);
    await begin();
    await page.getByRole('table', { name: 'audit entries' }).focus();
    for (let times = 0; times < 5; times++) await page.keyboard.press('PageDown');
  });
}

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

/** What it holds in memory itself, in MiB: without what it maps of files. */
function resident() {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

/** For how long answers for dashboards were worked out since the server started, in seconds: the processor time at most. */
async function answering() {
  const text = await (await api('/metrics')).text();
  return [...text.matchAll(/^muster_dashboard_answers_seconds_sum\{.*\} (\S+)$/gm)].reduce((sum, [, of]) => sum + Number(of), 0);
}

async function share(during) {
  const [before, begun] = [processorTime(), Date.now()];
  await during;
  return ((processorTime() - before) * 100_000) / (Date.now() - begun);
}

/** One asset is changed a second meanwhile, as somebody at work would. */
async function whileChanging(act) {
  const changed = await first('assets?limit=1');
  let changing = true;
  const changes = (async () => {
    for (let count = 0; changing; count++) {
      const { type, labels } = changed;
      const answer = await api(`/api/v1/assets/${changed.id}`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type, lifecycle: changed.lifecycle, labels: { ...labels, count: String(count) } }) });
      if (!answer.ok) throw new Error(`PUT of ${changed.id}: ${answer.status} ${await answer.text()}`);
      await sleep(1000);
    }
  })();
  try {
    await act();
  } finally {
    changing = false;
    await changes;
  }
}

/** What the page asks for within a time, and when. */
async function asking(forMilliseconds) {
  const asked = [];
  const begun = Date.now();
  const record = (request) => request.url().includes('/api/v1/') && !request.url().endsWith('/stream') && asked.push({ at: Date.now() - begun, path: request.url().slice(server.length) });
  page.on('request', record);
  await sleep(forMilliseconds);
  page.off('request', record);
  return asked;
}

/**
 * Many consoles, each a login with a stream that asks as one of the recorded pages did, while something is measured.
 * Returns what they were answered, and what was measured.
 */
async function crowd(paces, measured) {
  const seen = { times: [], failed: [], told: 0, streams: 0, reopened: 0 };
  const stop = new AbortController();
  /** As the console: the server ends each stream after some minutes, to check the login again, and whoever reads goes on after the last entry. */
  const listen = async (headers) => {
    for (let last = ''; !stop.signal.aborted;) {
      try {
        const stream = await fetch(`${server}/api/v1/stream`, { headers: last === '' ? headers : { ...headers, 'Last-Event-ID': last }, signal: stop.signal });
        if (!stream.ok) seen.failed.push(`stream ${stream.status}`);
        else {
          seen.streams++;
          try {
            for await (const part of stream.body) {
              seen.told++;
              last = [...Buffer.from(part).toString().matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? last;
            }
          } finally {
            seen.streams--;
          }
        }
      } catch (error) {
        if (!stop.signal.aborted) seen.failed.push(`a stream broke: ${error.cause?.code ?? error.message}`);
      }
      if (stop.signal.aborted) return;
      seen.reopened++;
      await sleep(500 + Math.random() * 500);
    }
  };
  const one = async (number) => {
    const asked = paces[number % paces.length];
    const login = await api('/api/v1/session', { method: 'POST' });
    const headers = { Cookie: login.headers.get('set-cookie').split(';')[0], 'X-Muster-Console': 'unattended' };
    const listening = listen(headers);
    const from = Date.now() - Math.random() * EVERY_MS;
    for (let next = 0; asked.length > 0 && !stop.signal.aborted; next++) {
      const { at, path } = asked[next % asked.length];
      const due = from + Math.floor(next / asked.length) * EVERY_MS + at;
      if (due < Date.now() - 2000) continue; // before it began
      await sleep(Math.max(0, due - Date.now()));
      if (stop.signal.aborted) break;
      const sent = performance.now();
      try {
        const answer = await fetch(`${server}${path}`, { headers });
        await answer.arrayBuffer();
        if (!answer.ok) seen.failed.push(`${path} ${answer.status}`);
      } catch (error) {
        seen.failed.push(`${path} ${error.cause?.code ?? error.message}`);
      }
      seen.times.push(performance.now() - sent);
    }
    await listening;
    await fetch(`${server}/api/v1/session`, { method: 'DELETE', headers }); // a token has so many logins at most, and the page's is one
  };
  const running = Array.from({ length: consoles }, (_, number) => one(number));
  await sleep(CROWD_MS);
  seen.times.length = 0;
  seen.told = 0;
  try {
    return await measured(seen);
  } finally {
    stop.abort();
    await Promise.all(running);
    await sleep(SETTLED_MS);
  }
}

const ALL_DASHBOARDS = ['overview', 'executive', 'on-call', 'health'];
const named = ALL_DASHBOARDS.filter((name) => only.includes(name));
const DASHBOARDS = screens.filter(([name]) => (named.length ? named : ALL_DASHBOARDS).includes(name));
const SETTLED_MS = 10_000;
/** From the first of a crowd to when it is measured. */
const CROWD_MS = 5_000;
const EVERY_MS = Math.min(seconds, 60) * 1000;
const recorded = new Map();
const idle = () => share(sleep(seconds * 1000));
if (pid && wants('dashboards', 'consoles')) await whileChanging(async () => {
  for (const [name, path, selector] of DASHBOARDS) {
    await open(path, selector);
    await sleep(SETTLED_MS);
    recorded.set(name, await asking(EVERY_MS));
  }
  await page.goto('about:blank');
  await sleep(SETTLED_MS);
});

if (pid && wants('dashboards')) await whileChanging(async () => {
  // One costs less than what an idle server varies by, so as many as consoles are told to be do the same, and each is a part of what they cost
  // together. What the server works out once for all of them is no part of that: it counts whole. Idle before and after, since other things
  // go on meanwhile, and code that is new is compiled.
  const idles = [await idle()];
  for (const [name, asked] of recorded) {
    const worked = await answering();
    const cost = await crowd([asked], idle);
    const shared = (((await answering()) - worked) * 100) / (seconds + CROWD_MS / 1000);
    idles.push(await idle());
    const between = (idles.at(-2) + idles.at(-1)) / 2;
    const own = Math.max(0, cost - between - shared) / consoles;
    say(`console.server.one-dashboard.${name}`, shared + own, `% of a core: ${shared.toFixed(2)} for all consoles, ${own.toFixed(2)} for each (${consoles} cost ${cost.toFixed(1)}, idle ${idles.at(-2).toFixed(1)} before and ${idles.at(-1).toFixed(1)} after)`, 1);
    say(`console.server.requests.${name}`, (asked.length * 60_000) / EVERY_MS, 'a minute');
  }
  say('console.server.idle', median(idles), '% of a core, one asset changed a second');
});

if (pid && wants('consoles')) await whileChanging(async () => {
  const before = await share(sleep(seconds * 500));
  const opened = { assets: [], overview: [], 'on-call': [] };
  const memory = [];
  await crowd([...recorded.values()], async (seen) => {
    const looking = setInterval(() => memory.push(resident()), 1000);
    const many = await share(sleep(seconds * 1000));
    const { times, told, streams, reopened } = { ...seen, times: [...seen.times] };
    for (const [name, path, selector] of screens.filter(([each]) => opened[each])) {
      for (let round = 0; round < rounds; round++) opened[name].push((await open(path, selector)).painted);
    }
    clearInterval(looking);
    say('console.many.consoles', consoles, 'protocol clients with a login and a stream each, on four dashboards, beside one page');
    say('console.many.server', many - before, '% of a core more', consoles);
    say('console.many.requests', times.length / seconds, 'a second');
    say('console.many.told', told / seconds, 'parts of streams a second');
    say('console.many.streams', streams, `alive after ${seconds} s of ${consoles}; opened again ${reopened} times, as the server ends each after five minutes`);
    say('console.many.answer.p50', median(times), 'ms');
    say('console.many.answer.p99', part(times, 0.99), 'ms', 500);
    say('console.many.answer.worst', Math.max(...times), 'ms');
    const { failed } = seen;
    say('console.many.failed', failed.length, failed.length === 0 ? 'requests' : `requests: ${failed.slice(0, 3).join('; ')}`, 0);
  });
  const third = Math.ceil(memory.length / 3);
  say('console.many.memory.first-third', Math.max(...memory.slice(0, third)), 'MiB of the server at most');
  say('console.many.memory.last-third', Math.max(...memory.slice(-third)), 'MiB of the server at most');
  for (const [name, painted] of Object.entries(opened)) tell(`console.many.first-content.${name}`, painted, 500);
});
await browser.close();
