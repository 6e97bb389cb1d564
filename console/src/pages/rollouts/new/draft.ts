import type { Schemas } from '../../../api/client';
import type { RolloutSpec } from '../rollout';

/** A rollout that is being written: its name, and what stands in `spec`, also what no field of the wizard shows. */
export type Draft = { name: string; spec: Spec };

export type Wave = { name?: string; percent?: string; count?: number; minimum?: number; manual?: boolean };
export type Gate = NonNullable<RolloutSpec['gates']>[number] & { metrics?: Record<string, Comparison>; minSamples?: number; inconclusive?: { after?: string; then?: string } };
export type Comparison = { metric?: string; against?: string; over?: string; minSamples?: number };
export type Spec = Omit<RolloutSpec, 'change' | 'gates' | 'failures'> & {
  description?: string;
  change?: RolloutSpec['change'];
  seed?: string;
  staging?: string;
  stratify?: string[];
  waves?: Wave[];
  gates?: Gate[];
  failures?: { threshold?: string; minSamples?: number; then?: string; scope?: string; by?: string[]; quarantine?: boolean };
  perPlace?: { by: string; maxInFlight?: number; perMinute?: number };
  deadline?: { at?: string; after?: string; then?: string };
  retries?: { limit?: number; backoff?: string };
  patience?: string;
  priority?: number;
  evidence?: string;
  joins?: string;
  withoutRollbackTarget?: string;
};

export const STEPS = [
  { key: 'change', title: 'What' },
  { key: 'who', title: 'Who' },
  { key: 'waves', title: 'Waves' },
  { key: 'gates', title: 'Gates' },
  { key: 'pace', title: 'When and how fast' },
  { key: 'plan', title: 'Plan' },
] as const;
export type StepKey = (typeof STEPS)[number]['key'];

/** On which step a field of the document is asked for. */
const FIELDS: [RegExp, StepKey][] = [
  [/^(metadata\.name|spec\.(change|description))/, 'change'],
  [/^spec\.(selector|staging|joins|withoutRollbackTarget)/, 'who'],
  [/^spec\.(waves|stratify|seed)/, 'waves'],
  [/^spec\.(gates|failures|evidence)/, 'gates'],
  [/^spec\./, 'pace'],
];

export function stepOf(field: string): StepKey {
  return FIELDS.find(([pattern]) => pattern.test(field))?.[1] ?? 'plan';
}

/** The document as the server takes it. */
export function documentOf({ name, spec }: Draft): { apiVersion: string; kind: string; metadata: { name: string }; spec: Spec } {
  return { apiVersion: 'muster.dev/v1', kind: 'Rollout', metadata: { name }, spec: inOrder(spec) };
}

/** In the order in which people read it; what is not known here comes last. */
const ORDER = ['description', 'selector', 'change', 'staging', 'stratify', 'waves', 'maxInFlight', 'perMinute', 'perPlace', 'soak', 'timeout', 'window', 'blackouts', 'deadline', 'retries', 'priority', 'failures', 'gates'];

function inOrder(spec: Spec): Spec {
  const place = (field: string) => (ORDER.includes(field) ? ORDER.indexOf(field) : ORDER.length);
  return Object.fromEntries(Object.entries(spec).sort(([one], [other]) => place(one) - place(other))) as Spec;
}

/** A document that somebody wrote, as a draft; or why it is none. */
export function draftOf(document: unknown): Draft | string {
  if (!isObject(document)) return 'is no document; it begins with apiVersion, kind, metadata and spec';
  const { kind, metadata, spec } = document;
  if (kind !== 'Rollout') return `is of kind ${String(kind)}; here it is Rollout`;
  if (!isObject(spec)) return 'has no spec';
  return { name: isObject(metadata) && typeof metadata.name === 'string' ? metadata.name : '', spec: spec as Spec };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** With other fields; one that is undefined, or says nothing, does not stand in the document. */
export function withFields<T extends object>(object: T, fields: { [K in keyof T]?: T[K] | undefined }): T {
  const merged = Object.entries({ ...object, ...fields }).filter(([, value]) => value !== undefined && value !== '' && !(isObject(value) && Object.keys(value).length === 0));
  return Object.fromEntries(merged) as T;
}

export type Preset = { key: string; title: string; says: string; fields: Pick<Spec, 'waves' | 'soak' | 'maxInFlight' | 'failures'> };

/** Ways to go that fit most; every number may be changed afterwards. */
export const PRESETS: Preset[] = [
  {
    key: 'careful',
    title: 'Careful',
    says: 'A canary of 3, then a tenth, then three tenths; a person lets the last wave begin. Each asset is watched for an hour; one failure in twenty sends everybody back.',
    fields: {
      waves: [{ name: 'canary', count: 3 }, { name: 'early', percent: '10%' }, { name: 'third', percent: '40%' }, { name: 'all', percent: '100%', manual: true }],
      soak: '1h',
      maxInFlight: 20,
      failures: { threshold: '5%', minSamples: 3, then: 'rollback' },
    },
  },
  {
    key: 'normal',
    title: 'Normal',
    says: 'A canary of 5, then a tenth, then all. Each asset is watched for ten minutes; one failure in ten sends everybody back.',
    fields: {
      waves: [{ name: 'canary', count: 5 }, { name: 'early', percent: '10%', minimum: 20 }, { name: 'all', percent: '100%' }],
      soak: '10m',
      maxInFlight: 100,
      failures: { threshold: '10%', minSamples: 5, then: 'rollback' },
    },
  },
  {
    key: 'fast',
    title: 'Fast',
    says: 'One in a hundred first, at least 5, then all. Each asset is watched for two minutes. For what is known to be good, or has to be out soon.',
    fields: {
      waves: [{ name: 'canary', percent: '1%', minimum: 5 }, { name: 'all', percent: '100%' }],
      soak: '2m',
      maxInFlight: 1_000,
      failures: { threshold: '10%', minSamples: 5, then: 'rollback' },
    },
  },
];

/** Which preset a draft still is, if any. */
export function presetOf(spec: Spec): string | undefined {
  return PRESETS.find(({ fields }) => Object.entries(fields).every(([field, value]) => same(spec[field as keyof Spec], value)))?.key;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  return isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value;
}

/** What a new draft begins with. */
export function freshDraft(given: { release?: string | undefined; configuration?: string | undefined; selector?: string | undefined }): Draft {
  const normal = PRESETS[1]?.fields ?? {};
  const at = given.release?.lastIndexOf('@') ?? -1;
  const release = given.release !== undefined && at > 0 ? { component: given.release.slice(0, at), version: given.release.slice(at + 1) } : undefined;
  const spec: Spec = {
    ...(given.selector === undefined ? {} : { selector: given.selector }),
    ...(release ? { change: { release } } : given.configuration === undefined ? {} : { change: { configuration: { name: given.configuration, config: {} } } }),
    ...normal,
  };
  return { name: release ? nameFor(release.component, release.version) : '', spec };
}

/** A name that the server takes: app-1-5-0. */
export function nameFor(component: string, version: string): string {
  return `${component}-${version}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63).replace(/-+$/, '');
}

type PlanView = Pick<Schemas['RolloutPlan'], 'selected' | 'targets' | 'waves'>;

/** What starting does, in numbers: starts updating 3 of 200 assets (canary), then 17 more (early), then 180 more (all), each … */
export function effectOf({ targets, waves }: PlanView): string {
  const some = waves.filter((wave) => wave.targets > 0);
  const first = some[0];
  if (!first) return 'No asset is selected that needs it, so it cannot start.';
  const count = (n: number) => n.toLocaleString();
  const later = some.slice(1).map((wave) => `${count(wave.targets)} more (${wave.name}${wave.manual ? ', when a person lets it' : ''})`);
  const begins = first.manual ? `Opens the first wave, ${first.name}, which waits for a person, for` : 'Starts updating';
  return `${begins} ${count(first.targets)} of ${count(targets)} ${targets === 1 ? 'asset' : 'assets'} (${first.name})${later.length > 0 ? `, then ${later.join(', then ')}; a wave begins when the gates of the one before have passed` : ''}.`;
}
