// What is outside of the browser: the API, an asset that speaks MQTT for itself, and a person's hands on the keyboard.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patience = 20_000;

export function makeWorld({ MUSTER_SERVER: server, MUSTER_MQTT: mqtt, MUSTER_TOKEN: token, MUSTER_FLEET: fleet }) {
  if (!server || !mqtt || !token) throw new Error('MUSTER_SERVER, MUSTER_MQTT and MUSTER_TOKEN must be set');
  const folder = mkdtempSync(join(tmpdir(), 'muster-console-e2e-'));
  const processes = [];

  async function api(method, path, body, type = 'application/json') {
    const answer = await fetch(`${server}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    // What takes long answers with a line after the other; the last one says how it ended.
    return text === '' ? undefined : JSON.parse(answer.headers.get('content-type')?.includes('ndjson') ? text.trimEnd().split('\n').at(-1) : text);
  }

  /** Returns what is found; throws when it is not there in time. */
  async function until(what, found, atMost = patience) {
    const end = Date.now() + atMost;
    for (;;) {
      const it = await found();
      if (it) return it;
      if (Date.now() > end) throw new Error(`${what}: not within ${atMost / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** An asset with a certificate of its own: mosquitto's clients. */
  async function enrol(id, more = {}) {
    await api('POST', 'assets', { id, type: 'pos', lifecycle: 'active', ...more });
    const { ca, certificate, key } = await api('POST', `assets/${id}/credentials`, {});
    for (const [name, text] of Object.entries({ ca, certificate, key })) writeFileSync(join(folder, `${id}-${name}.pem`), text, { mode: 0o600 });
    const [host, port] = [mqtt.slice(0, mqtt.lastIndexOf(':')), mqtt.slice(mqtt.lastIndexOf(':') + 1)];
    const file = (name) => join(folder, `${id}-${name}.pem`);
    const client = ['-h', host, '-p', port, '-q', '1', '-V', '5', '--cafile', file('ca'), '--cert', file('certificate'), '--key', file('key')];
    const publish = (topic, payload) => run('mosquitto_pub', [...client, '-t', `assets/${id}/${topic}`, '-m', JSON.stringify(payload)], { timeout: patience });
    /** Does what it is told: says so, with an output. One session at a time: the answer goes through a further short one. */
    const obey = () => {
      const listens = spawn('mosquitto_sub', [...client, '-c', '-x', '300', '-i', id, '-t', `assets/${id}/commands`], { stdio: ['ignore', 'pipe', 'inherit'] });
      processes.push(listens);
      createInterface({ input: listens.stdout }).on('line', (line) => {
        const { id: command, name, params } = JSON.parse(line);
        publish(`commands/${command}/result`, { status: 'succeeded', detail: { output: `${name}: ${params.text}` } }).catch((error) => {
          console.error(`the asset could not answer: ${error.message}`);
        });
      });
    };
    /** Stays connected, and is heard of all the time. */
    const live = () => {
      const beats = spawn('mosquitto_pub', [...client, '-l', '-t', `assets/${id}/heartbeat`], { stdio: ['pipe', 'ignore', 'inherit'] });
      processes.push(beats);
      const beat = () => beats.stdin.write('{}\n');
      beat();
      const timer = setInterval(beat, 1_000);
      beats.on('exit', () => clearInterval(timer));
      beats.stdin.on('error', (error) => console.error(`${id} is not heard of any more: ${error.message}`));
    };
    return { id, publish, obey, live };
  }

  /** The simulated assets, when all of them were heard of. */
  async function simulated() {
    if (!fleet) throw new Error('MUSTER_FLEET must say how many simulated assets there are');
    const selector = encodeURIComponent("asset.labels.simulated == 'true' && asset.presence == 'online'");
    return until(`${fleet} simulated assets online`, async () => {
      const { items } = await api('GET', `assets?limit=200&selector=${selector}`);
      return items.length >= Number(fleet) && items;
    }, 60_000);
  }

  return {
    server,
    token,
    patience,
    /** In names, so that a scenario can run again against the same server. */
    run: Date.now().toString(36),
    api,
    apply: (yaml) => api('POST', 'apply', yaml, 'application/yaml'),
    until,
    enrol,
    simulated,
    ok: (what) => console.log(`ok    ${what}`),
    end: () => {
      processes.forEach((process) => process.kill());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A rule of this name that fires when the case of an asset is warmer than 350 K. */
export const tooHot = (rule, id, severity) => `
apiVersion: muster.dev/v1
kind: AlertRule
metadata: {name: ${rule}}
spec:
  selector: asset.id == '${id}'
  severity: ${severity}
  condition: {threshold: {metric: temperature.case, above: 350, staleAfter: 10m}}
  every: 5s
`;

const MOST_TABS = 150;

/** A person without a mouse: goes from one thing to the next with Tab, as a screen reader would name it. */
export function keyboardOf(page) {
  const named = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return '';
      const by = (at.getAttribute('aria-labelledby') ?? '').split(/\s+/).map((id) => document.getElementById(id)?.innerText ?? '').join(' ').trim();
      return (at.getAttribute('aria-label') ?? (by || at.labels?.[0]?.innerText || at.innerText || at.getAttribute('placeholder') || '')).replace(/\s+/g, ' ').trim();
    });
  const reach = async (what) => {
    const seen = [];
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      const name = await named();
      if (typeof what === 'string' ? name === what : what.test(name)) return;
      seen.push(name);
      await page.keyboard.press('Tab');
    }
    throw new Error(`${what} cannot be reached with Tab; what can: ${[...new Set(seen)].join(' | ')}`);
  };
  return {
    reach,
    press: async (what) => {
      await reach(what);
      await page.keyboard.press('Enter');
    },
    type: async (what, text) => {
      await reach(what);
      await page.keyboard.type(text);
    },
    /** Through the palette. */
    goTo: async (words, option) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'go to' }).waitFor();
      await page.keyboard.type(words);
      await page.getByRole('option', { name: option, selected: true }).waitFor();
      await page.keyboard.press('Enter');
    },
  };
}
