// Takes a picture of every screen of a running console, light and dark, at several widths, into an ignored folder; with AXE=1 it
// also says what axe-core finds there.
//   MUSTER_SERVER=http://127.0.0.1:8080 MUSTER_TOKEN=muster_… npm run screenshots [-- SCREEN…]
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { violations } from './axe.mjs';

const server = process.env.MUSTER_SERVER ?? 'http://127.0.0.1:8080';
const token = process.env.MUSTER_TOKEN;
if (!token) throw new Error('MUSTER_TOKEN is not set; it is in the file admin.token of the data directory');
const out = process.env.OUT ?? 'target/screenshots';
const widths = (process.env.WIDTHS ?? '360,1440').split(',').map(Number);
const schemes = (process.env.SCHEMES ?? 'light,dark').split(',');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
mkdirSync(out, { recursive: true });

/** The first of a list, or nothing. */
const first = async (path) => (await (await fetch(`${server}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } })).json()).items?.[0];
const asset = (await first('assets?limit=1'))?.id;
const drifted = (await first('drift?state=drifted&limit=1'))?.asset ?? asset;
const command = await first('commands?limit=1');
const run = (await first('command-runs?limit=1'))?.id;
const release = (await first('releases?limit=1'))?.name;
const rollout = (await first('rollouts?limit=1'))?.metadata?.name;
const configuration = (await first('configurations?limit=1'))?.metadata?.name;
const alert = (await first('alerts?state=all&limit=1'))?.fingerprint;
const incident = (await first('incidents?limit=1'))?.number;
const runbookRun = (await first('runbook-runs?limit=1'))?.id;
const slo = (await first('slos?limit=1'))?.metadata?.name;
const screens = {
  overview: '/console/',
  executive: '/console/executive',
  'on-call': '/console/on-call',
  health: '/console/health',
  assets: '/console/assets',
  readiness: '/console/readiness',
  certificates: '/console/certificates',
  'claim-tokens': '/console/claim-tokens',
  audit: '/console/audit',
  access: '/console/access',
  roles: '/console/access?tab=roles',
  logins: '/console/access?tab=logins',
  'configuration-new': '/console/configurations/new',
  commands: '/console/commands',
  'command-runs': '/console/commands?view=runs',
  alerts: '/console/alerts?state=all',
  ...(alert ? { alert: `/console/alerts/${alert}`, 'alert-told': `/console/alerts/${alert}?tab=told` } : {}),
  incidents: '/console/incidents',
  ...(incident
    ? Object.fromEntries(['timeline', 'causes', 'alerts', 'runbooks', 'postmortem'].map((tab) => [`incident-${tab}`, `/console/incidents/${incident}?tab=${tab}`]))
    : {}),
  runbooks: '/console/runbooks',
  'runbook-runs': '/console/runbooks?view=runs',
  runbook: '/console/runbooks/disk-full',
  'runbook-start': `/console/runbooks/drift?tab=start&labels=asset%3D${asset}`,
  ...(runbookRun ? { 'runbook-run': `/console/runbooks/runs/${runbookRun}` } : {}),
  slos: '/console/slos',
  ...(slo ? { slo: `/console/slos?slo=${encodeURIComponent(slo)}` } : {}),
  drift: '/console/drift',
  configurations: '/console/configurations',
  releases: '/console/releases',
  rollouts: '/console/rollouts',
  'rollout-new': '/console/rollouts/new',
  ...(command ? { command: `/console/commands?command=${command.id}`, 'asset-commands': `/console/assets/${command.asset}?tab=commands` } : {}),
  ...(run ? { run: `/console/commands/runs/${run}` } : {}),
  ...(release ? Object.fromEntries(['where', 'signatures', 'provenance', 'sbom'].map((tab) => [`release-${tab}`, `/console/releases/${encodeURIComponent(release)}?tab=${tab}`])) : {}),
  ...(rollout
    ? {
        rollout: `/console/rollouts/${rollout}`,
        'rollout-decisions': `/console/rollouts/${rollout}?tab=decisions`,
        'rollout-targets': `/console/rollouts/${rollout}?tab=targets`,
        'rollout-reasons': `/console/rollouts/${rollout}?tab=reasons`,
      }
    : {}),
  ...(configuration ? { configuration: `/console/configurations/${configuration}` } : {}),
  ...(drifted ? { twin: `/console/assets/${drifted}?tab=twin` } : {}),
  ...(asset ? { asset: `/console/assets/${asset}`, 'asset-presence': `/console/assets/${asset}?tab=presence` } : {}),
};
const wanted = process.argv.slice(2);

for (const scheme of schemes) {
  for (const width of widths) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && console.log(`console error: ${message.text()}`));
    page.on('pageerror', (error) => console.log(`page error: ${error.message}`));
    await page.goto(`${server}/console/`);
    await page.getByPlaceholder('muster_').waitFor();
    if (wanted.length === 0 || wanted.includes('login')) await page.screenshot({ path: `${out}/login-${width}-${scheme}.png` });
    await page.getByPlaceholder('muster_').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: /Fleet/ }).waitFor();
    for (const [name, path] of Object.entries(screens)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await page.goto(server + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(1500);
      if (process.env.AXE) for (const each of await violations(page)) console.log(`${name} ${width} ${scheme}: ${each}`);
      await page.screenshot({ path: `${out}/${name}-${width}-${scheme}.png` });
    }
    for (const [name, keys] of [['palette', ['Control+k']], ['shortcuts', ['?']]]) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await page.goto(`${server}/console/`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const key of keys) await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(500);
      await page.screenshot({ path: `${out}/${name}-${width}-${scheme}.png` });
    }
    await context.close();
  }
}
await browser.close();
console.log(`pictures are in ${out}`);
