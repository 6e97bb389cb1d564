// What a person sees in a real browser: logs in, watches a value change after the asset has sent it, runs a command and reads its
// result. The asset is mosquitto's clients with a certificate of its own; nothing is faked between them and the screen.
//   MUSTER_SERVER=http://127.0.0.1:8080 MUSTER_MQTT=127.0.0.1:8883 MUSTER_TOKEN=muster_… node scripts/e2e.mjs
// Needs chromium (CHROMIUM says where), mosquitto_pub and mosquitto_sub. Ends with 0 when every line says ok.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { violations } from './axe.mjs';

const run = promisify(execFile);
const { MUSTER_SERVER: server, MUSTER_MQTT: mqtt, MUSTER_TOKEN: token } = process.env;
if (!server || !mqtt || !token) throw new Error('MUSTER_SERVER, MUSTER_MQTT and MUSTER_TOKEN must be set');
const folder = mkdtempSync(join(tmpdir(), 'muster-console-e2e-'));
const asset = `till-${Date.now().toString(36)}`;
const PATIENCE = 20_000;
const ok = (what) => console.log(`ok    ${what}`);

async function api(path, body) {
  const answer = await fetch(`${server}/api/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Registers the asset and writes what it needs to speak for itself. */
async function enrol() {
  await api('assets', { id: asset, type: 'pos', lifecycle: 'active' });
  const { ca, certificate, key } = await api(`assets/${asset}/credentials`);
  for (const [name, text] of Object.entries({ ca, certificate, key })) writeFileSync(join(folder, `${name}.pem`), text, { mode: 0o600 });
}

const [host, port] = [mqtt.slice(0, mqtt.lastIndexOf(':')), mqtt.slice(mqtt.lastIndexOf(':') + 1)];
const clientArguments = ['-h', host, '-p', port, '-q', '1', '-V', '5', '--cafile', join(folder, 'ca.pem'), '--cert', join(folder, 'certificate.pem'), '--key', join(folder, 'key.pem')];

async function publish(topic, payload) {
  await run('mosquitto_pub', [...clientArguments, '-t', `assets/${asset}/${topic}`, '-m', JSON.stringify(payload)], { timeout: PATIENCE });
}

/** Does what it is told: says so, with an output. One session at a time: the answer goes through a further short one. */
function obey() {
  const listens = spawn('mosquitto_sub', [...clientArguments, '-c', '-x', '300', '-i', asset, '-t', `assets/${asset}/commands`], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: listens.stdout }).on('line', (line) => {
    const { id, name, params } = JSON.parse(line);
    publish(`commands/${id}/result`, { status: 'succeeded', detail: { output: `${name}: ${params.text}` } }).catch((error) => {
      console.error(`the asset could not answer: ${error.message}`);
    });
  });
  return listens;
}

let browser;
let listens;
let page;
try {
  await enrol();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const broken = [];
  page.on('pageerror', (error) => broken.push(error.message));

  await page.goto(`${server}/console/`);
  await page.getByPlaceholder('muster_').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
  ok('a token logs in');

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'go to' }).fill(asset);
  await page.getByRole('option', { name: new RegExp(`^${asset}`) }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: asset }).waitFor();
  ok('Ctrl K finds the asset');

  await publish('telemetry', { 'temperature.case': 301.5 });
  await page.getByText('301.5').waitFor();
  await publish('telemetry', { 'temperature.case': 305.2 });
  await page.getByText('305.2').waitFor();
  ok('a value changes on the screen after the asset has sent it');

  await page.getByRole('tab', { name: 'Commands' }).click();
  listens = obey();
  await page.getByRole('button', { name: 'Run a command' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Command' }).fill('show');
  await page.getByRole('option', { name: 'show-message' }).click();
  await form.getByRole('textbox', { name: 'text' }).fill('Back in 5 minutes');
  await form.getByText(`muster run show-message --asset ${asset}`).waitFor();
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('succeeded').waitFor();
  await form.getByText('show-message: Back in 5 minutes').waitFor();
  ok('a command runs, and its result is on the screen');
  await form.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: 'Run a command' }).click();
  await form.getByRole('textbox', { name: 'Command' }).fill('reboot');
  await page.getByRole('option', { name: 'reboot' }).click();
  const button = form.getByRole('button', { name: 'Run', exact: true });
  if (!(await button.isDisabled())) throw new Error('a command that interrupts service can be run without typing the name of the asset');
  await form.getByRole('textbox', { name: /Type .* to confirm/ }).fill(asset);
  if (await button.isDisabled()) throw new Error('the typed name of the asset does not let the command run');
  ok('a command that interrupts service waits for the typed name');

  for (const colorScheme of (process.env.SCHEMES ?? 'light,dark').split(',')) {
    await page.emulateMedia({ colorScheme });
    for (const screen of ['', 'assets', `assets/${asset}`, `assets/${asset}?tab=twin`, `assets/${asset}?tab=commands`, 'alerts', 'incidents', 'slos', 'drift', 'commands', 'rollouts', 'configurations', 'releases', 'readiness', 'certificates', 'claim-tokens', 'audit']) {
      await page.goto(`${server}/console/${screen}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
      const shut = await violations(page);
      if (shut.length > 0) throw new Error(`/console/${screen}, ${colorScheme}, shuts people out:\n${shut.join('\n')}`);
    }
  }
  ok('axe-core finds nothing serious on any screen');

  if (broken.length > 0) throw new Error(`the page broke: ${broken.join('; ')}`);
} catch (error) {
  if (page) {
    console.error(`FAIL  at ${page.url()}\n${await page.locator('body').innerText().catch(() => 'the page cannot be read')}`);
  }
  console.error(error);
  process.exitCode = 1;
} finally {
  listens?.kill();
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
}
