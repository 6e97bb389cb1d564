import type { Schemas } from '../../api/client';
import { line } from '../../ui/shell';

export type Run = Schemas['RunbookRun'];
export type RunStep = Schemas['RunbookRunStep'];
export type Tally = Schemas['RunbookTally'];
type Json = Record<string, unknown>;

export type Spec = {
  description?: string;
  toil?: string;
  triggers?: { alert?: Record<string, string>; every?: string }[];
  parameters?: Record<string, { type?: string; default?: unknown; description?: string }>;
  targets?: string;
  guards?: Json;
  timeout?: string;
  steps?: Json[];
  onFailure?: Json[];
  tests?: Json[];
};

export type Runbook = { name: string; spec: Spec; revision: number | undefined; shipped: number | undefined };

export function runbookOf(declared: Schemas['DeclaredObject']): Runbook {
  const { revision, shippedVersion } = (declared.status ?? {}) as { revision?: number; shippedVersion?: number };
  return { name: declared.metadata.name, spec: (declared.spec ?? {}) as Spec, revision, shipped: shippedVersion };
}

/** What starts it, each as people say it; by hand always. */
export function triggersOf(spec: Spec): string[] {
  return (spec.triggers ?? []).map((trigger) =>
    trigger.every !== undefined ? `every ${trigger.every}` : `alert ${Object.entries(trigger.alert ?? {}).map(([label, value]) => (label === 'alertname' ? value : value === '*' ? `with ${label}` : `${label}=${value}`)).join(' ')}`,
  );
}

/** Whether one of its triggers matches these labels, as the server decides it. */
export function isStartedBy(spec: Spec, labels: Record<string, string>): boolean {
  return (spec.triggers ?? []).some((trigger) => trigger.alert !== undefined && Object.entries(trigger.alert).every(([label, value]) => (value === '*' ? (labels[label] ?? '') !== '' : labels[label] === value)));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const object = (value: unknown): Json => (value !== null && typeof value === 'object' ? (value as Json) : {});

export type Declared = { name: string; kind: string; does: string; touches: boolean; rest: string[] };

const KINDS = ['command', 'waitFor', 'require', 'rollout', 'quarantine', 'reenrol', 'http', 'ticket', 'approve', 'runbook', 'pause'];
const TOUCHES = new Set(['command', 'rollout', 'quarantine', 'reenrol', 'http', 'runbook']);

/** A step as it is declared, its variables still open. */
export function declaredStep(step: Json, index: number): Declared {
  const kind = KINDS.find((each) => step[each] !== undefined) ?? '';
  const retries = Number(step.retries ?? 0);
  const rest = [
    `at most ${text(step.timeout ?? '10m')}`,
    ...(retries > 0 ? [`tried ${retries + 1} times${step.retryPause === undefined ? '' : `, ${text(step.retryPause)} apart`}`] : []),
    ...(step.onError === 'continue' ? ['goes on when it fails'] : []),
  ];
  return { name: text(step.name ?? `${kind || 'step'}-${index + 1}`), kind, does: doing(kind, step[kind]), touches: TOUCHES.has(kind), rest: kind === 'pause' ? [] : rest };
}

function doing(kind: string, what: unknown): string {
  const is = object(what);
  switch (kind) {
    case 'command':
      return `gives the command ${text(is.name)}${is.parameters === undefined ? '' : ` ${JSON.stringify(is.parameters)}`} to every target${is.maxFailures === undefined ? '' : `; ${text(is.maxFailures)} may fail`}`;
    case 'waitFor':
      if (is.selector !== undefined) return `waits until ${is.share === undefined ? 'all targets are' : `${text(is.share)} of the targets are`} ${text(is.selector)}`;
      if (is.metric !== undefined) return `waits until ${text(is.metric)} is ${[is.min === undefined ? '' : `at least ${text(is.min)}`, is.max === undefined ? '' : `at most ${text(is.max)}`].filter(Boolean).join(' and ')} on every target`;
      if (is.sli !== undefined) return `waits until ${judged(is)}`;
      if (is.rollout !== undefined) return `waits until the rollout ${text(is.rollout)} is ${(Array.isArray(is.phase) ? is.phase : [is.phase]).map(text).join(' or ')}`;
      return 'waits until the alert is over';
    case 'require':
      return `requires that ${judged(is)}`;
    case 'rollout':
      return `${text(is.action)}s the rollout ${text(is.name)}`;
    case 'quarantine':
      return `puts ${is.release === undefined ? 'every target' : `the release ${text(is.release)}`} into quarantine: ${text(is.reason)}`;
    case 'reenrol':
      return `lets every target enrol anew within ${text(is.validFor ?? '24h')}`;
    case 'http':
      return `${text(is.method ?? 'POST')} ${text(is.url)}`;
    case 'ticket':
      return `opens a ticket: ${text(is.summary)}`;
    case 'approve':
      return `asks a person: ${text(is.instructions)}`;
    case 'runbook':
      return `runs the runbook ${text(is.name)}`;
    case 'pause':
      return `waits ${text(what)}`;
    default:
      return JSON.stringify(what ?? {});
  }
}

function judged(is: Json): string {
  return `${text(is.sli)} of ${text(is.scope ?? 'fleet')} over ${text(is.window)} is at least ${text(is.atLeast)}`;
}

/** What keeps it from doing too much; what is not declared holds with its default, and says so. */
export function guardsOf(guards: Json | undefined): { name: string; says: string; declared: boolean }[] {
  const is = guards ?? {};
  const one = (name: string, says: (value: string) => string, fallback?: string) => {
    const value = is[name] === undefined ? fallback : text(is[name]);
    return value === undefined ? [] : [{ name, says: says(value), declared: is[name] !== undefined }];
  };
  const runs = object(is.maxRuns);
  const window = object(is.window);
  const worse = object(is.stopWhenWorse);
  return [
    ...one('maxAssets', (value) => `touches at most ${value} assets`, '10'),
    ...one('maxShare', (value) => `and at most ${value} of the fleet, when more than one`, '10%'),
    { name: 'maxRuns', says: `starts at most ${text(runs.count ?? 10)} times in ${text(runs.per ?? '1h')}`, declared: is.maxRuns !== undefined },
    ...one('coolDown', (value) => `waits ${value} between runs about the same`, '15m'),
    ...(is.window === undefined ? [] : [{ name: 'window', says: `only ${[Array.isArray(window.days) ? window.days.join(', ') : '', `from ${text(window.from)} to ${text(window.to)}`, text(window.zone ?? '')].filter((part) => part !== '' && part !== '""').join(' ')}`, declared: true }]),
    ...one('keepOnline', (value) => `stops when fewer than ${value} of its targets are online`),
    ...(is.stopWhenWorse === undefined ? [] : [{ name: 'stopWhenWorse', says: `stops when ${text(worse.sli)} of ${text(worse.scope ?? 'fleet')} falls by more than ${text(worse.margin ?? '1%')}, or nobody counts it`, declared: true }]),
    ...one('secondPersonAbove', (value) => `more than ${value} targets wait for a second person`, '100'),
  ];
}

/** Names in ${labels.NAME} of a document, in the order in which they come. */
export function labelsIn(spec: Spec): string[] {
  const { tests: _, ...carriedOut } = spec;
  return [...new Set([...JSON.stringify(carriedOut).matchAll(/\$\{labels\.([A-Za-z_][A-Za-z0-9_.-]*)\}/g)].map((found) => found[1] ?? ''))];
}

/** Labels that name assets. */
const ABOUT = new Set(['asset', 'gateway', 'site', 'region', 'hardware', 'type', 'release']);

/** The labels that a person gives in place of an alert: those that its steps use, and those that its triggers ask for. */
export function labelsAsked(spec: Spec): string[] {
  const asked = (spec.triggers ?? []).flatMap((trigger) => Object.entries(trigger.alert ?? {}).filter(([label, value]) => label !== 'alertname' && value === '*').map(([label]) => label));
  const all = [...new Set([...labelsIn(spec), ...asked])];
  return spec.targets === undefined && !all.some((label) => ABOUT.has(label)) ? [...all, 'asset'] : all;
}

/** K=V of an address, one a line or parted by commas. */
export function pairs(written: string | undefined): Record<string, string> {
  const found = (written ?? '').split(',').map((part) => part.split('=')).filter(([name, ...value]) => name !== undefined && name.trim() !== '' && value.length > 0);
  return Object.fromEntries(found.map(([name, ...value]) => [(name ?? '').trim(), value.join('=')]));
}

export function written(labels: Record<string, string>): string {
  return Object.entries(labels).filter(([, value]) => value !== '').map(([name, value]) => `${name}=${value}`).join(',');
}

export type Start = { labels: Record<string, string>; parameters: Record<string, string>; selector: string };

export function commandOf(verb: 'plan' | 'run', name: string, start: Start): string {
  const options = (flag: string, of: Record<string, string>) => Object.entries(of).filter(([, value]) => value !== '').flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return line('muster', 'runbook', verb, name, ...options('--label', start.labels), ...options('--param', start.parameters), ...(start.selector === '' ? [] : ['--selector', start.selector]));
}

/** Of the closed incidents that it worked on, which part closed without a hand of a person; nothing of none. */
export function alone(tally: Pick<Tally, 'incidents' | 'withoutPerson'> | undefined): string {
  if (tally === undefined || tally.incidents === 0) return '–';
  return `${Math.floor((tally.withoutPerson / tally.incidents) * 100)} % of ${tally.incidents.toLocaleString()}`;
}

export const PHASES = ['waiting', 'running', 'succeeded', 'failed', 'indeterminate', 'stopped', 'refused'] as const;

export function isLive(run: Pick<Run, 'phase'>): boolean {
  return run.phase === 'waiting' || run.phase === 'running';
}

/** What an end means to whoever reads it at night. */
export function meaning(run: Pick<Run, 'phase' | 'reason'>): { title: string; says: string } | undefined {
  switch (run.phase) {
    case 'indeterminate':
      return { title: 'Nobody knows whether it happened', says: `${run.reason}. Look at what it acts on before you run it again: doing it twice may be worse than not at all.` };
    case 'refused':
      return { title: 'It was not run', says: run.reason };
    case 'failed':
      return { title: 'It failed', says: run.reason };
    case 'stopped':
      return { title: 'It was stopped', says: `${run.reason}. What was done stays done.` };
    default:
      return undefined;
  }
}
