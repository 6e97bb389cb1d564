// Every screen of the console with something to show on it: its name and its address.
import { readFileSync } from 'node:fs';

/** What the menu leads to, so that a new screen is never forgotten. */
const menu = [...readFileSync(new URL('../src/shell/screens.ts', import.meta.url), 'utf8').matchAll(/to: '([^']+)', title: '([^']+)'/g)].map(([, to]) => [to === '/' ? 'overview' : to.slice(1).replaceAll('/', '-'), to]);
const tabs = (name, path, ...each) => [[name, path], ...each.map((tab) => [`${name}-${tab}`, `${path}?tab=${tab}`])];
const of = (object, paths) => (object === undefined ? [] : paths(object));

/** By name, in the order in which they are looked at. */
export async function screensOf(server, token) {
  /** The first of a list; nothing where there is none, or no such list. */
  async function first(path) {
    const answer = await fetch(`${server}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return answer.ok ? (await answer.json()).items?.[0] : undefined;
  }

  return Object.fromEntries([
    ...menu,
    ['alerts', '/alerts?state=all'],
    ['assets-chosen', '/assets?f=%5B%22presence%3Donline%22%5D&sel=%22all%22&act=edit'],
    ['map', '/assets?view=map'],
    ['assets-import', '/import/assets'],
    ['types', '/types'],
    ['type', '/types/vehicle'],
    ['command-runs', '/commands?view=runs'],
    ...of(await first('assets?limit=1'), ({ id }) => tabs('asset', `/assets/${id}`, 'timeline', 'metrics', 'twin', 'commands', 'presence', 'logs', 'events', 'files', 'certificates')),
    ...of(await first('drift?state=drifted&limit=1'), ({ asset }) => [['asset-drifted', `/assets/${asset}?tab=twin`]]),
    ...of(await first('commands?limit=1'), ({ id }) => [['command', `/commands?command=${id}`]]),
    ...of(await first('command-runs?limit=1'), ({ id }) => [['command-run', `/commands/runs/${id}`]]),
    ...of(await first('releases?limit=1'), ({ name }) => tabs('release', `/releases/${encodeURIComponent(name)}`, 'where', 'signatures', 'provenance', 'sbom')),
    ...of(await first('rollouts?limit=1'), ({ metadata }) => tabs('rollout', `/rollouts/${metadata.name}`, 'decisions', 'targets', 'reasons')),
    ['rollout-new', '/new/rollout'],
    ['configuration-new', '/new/configuration'],
    ['roles', '/access?tab=roles'],
    ['logins', '/access?tab=logins'],
    ['silences', '/silences'],
    ['routing', '/routing'],
    ['runbooks-runs', '/runbooks?view=runs'],
    ...of(await first('alert-rules?limit=1'), ({ metadata }) => tabs('alert-rule', `/alert-rules/${metadata.name}`, 'edit')),
    ...of(await first('configurations?limit=1'), ({ metadata }) => [['configuration', `/configurations/${metadata.name}`]]),
    ...of(await first('alerts?state=all&limit=1'), ({ fingerprint }) => tabs('alert', `/alerts/${fingerprint}`, 'told', 'assets')),
    ...of(await first('incidents?limit=1'), ({ number }) => tabs('incident', `/incidents/${number}`, 'timeline', 'causes', 'alerts', 'runbooks', 'postmortem')),
    ...of(await first('slos?limit=1'), ({ metadata }) => [['slo', `/slos?slo=${encodeURIComponent(metadata.name)}`]]),
    ...of(await first('runbooks?limit=1'), ({ metadata }) => tabs('runbook', `/runbooks/${metadata.name}`, 'runs', 'yaml')),
    ...of(await first('assets?limit=1'), ({ id }) => [['runbook-start', `/runbooks/drift?tab=start&labels=asset%3D${id}`]]),
    ...of(await first('runbook-runs?limit=1'), ({ id }) => [['runbook-run', `/runbooks/runs/${id}`]]),
  ]);
}
