import type { Schemas } from '../../api/client';

export type RuleTest = Schemas['AlertRuleTest'];
export type Evaluation = { evaluated?: string; problem?: string; counts?: { fine: number; wrong: number; unknown: number; alerts: number } };
export type RuleSpec = { selector?: string; severity?: string; condition?: Record<string, unknown>; for?: string; every?: string; paused?: boolean; commonCause?: { by?: string[]; share?: number; atLeast?: number }; keepFiringFor?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
export type Rule = { name: string; spec: RuleSpec; status: Evaluation };

export function ruleOf(declared: Schemas['DeclaredObject']): Rule {
  return { name: declared.metadata.name, spec: (declared.spec ?? {}) as RuleSpec, status: (declared.status ?? {}) as Evaluation };
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value));

/** What a rule looks at, in one line: coolant above 95, until 90. */
export function looksAt(condition: Record<string, unknown> | undefined): string {
  const [key, raw] = Object.entries(condition ?? {})[0] ?? ['', {}];
  const is = (raw ?? {}) as Record<string, unknown>;
  const bound = is.above !== undefined ? `above ${text(is.above)}` : is.below !== undefined ? `below ${text(is.below)}` : '';
  const clear = is.clear === undefined ? '' : `, until ${text(is.clear)}`;
  switch (key) {
    case 'threshold':
      return `${text(is.metric)} ${bound}${clear}`;
    case 'absence':
      return `${is.metric === undefined ? 'silent' : `no ${text(is.metric)}`} for longer than ${text(is.longerThan ?? '5m')}`;
    case 'rate':
      return `${text(is.metric)} changes by ${is.above !== undefined ? `more than ${text(is.above)}` : `less than ${text(is.below)}`} per ${text(is.per ?? '1m')} over ${text(is.over ?? '10m')}`;
    case 'expression':
      return text(is.cel);
    case 'baseline':
      return `${text(is.metric)} more than ${text(is.spreads ?? 4)} spreads from what is usual at that hour`;
    case 'anomaly':
      return `${text(is.metric)} is unusual`;
    default:
      return key === '' ? 'nothing' : `${key} ${JSON.stringify(is)}`;
  }
}

export const NEW_RULE = `apiVersion: muster.dev/v1
kind: AlertRule
metadata: {name: coolant-hot}
spec:
  selector: asset.type == 'vehicle'
  severity: ticket
  condition:
    threshold: {metric: coolant_temperature, above: 95, clear: 90}
  for: 2m
  commonCause: {by: [gateway, region, site]}
  annotations:
    description: "{{asset}} of {{owner}}: {{says}}"
`;

export type Bar = { from: number; to: number; left: number; width: number; open: boolean; title: string };

/** Where each firing stands in a strip from 0 to 1, in lanes so that none covers another; the lanes beyond the most are merged into the last. */
export function lanes<T extends { firedAt: string; resolvedAt?: string | undefined; summary: string }>(firings: T[], from: string, to: string, most: number): { bars: (Bar & { of: T })[][]; hidden: number } {
  const start = Date.parse(from);
  const span = Math.max(1, Date.parse(to) - start);
  const bars: (Bar & { of: T })[][] = [];
  let hidden = 0;
  for (const of of firings) {
    const begins = Date.parse(of.firedAt);
    const ends = of.resolvedAt === undefined ? Date.parse(to) : Date.parse(of.resolvedAt);
    const left = Math.max(0, (begins - start) / span);
    const bar = { of, from: begins, to: ends, left, width: Math.min(1 - left, Math.max(0.004, (ends - begins) / span)), open: of.resolvedAt === undefined, title: of.summary };
    const lane = bars.find((each) => (each.at(-1)?.to ?? 0) < begins);
    if (lane !== undefined) lane.push(bar);
    else if (bars.length < most) bars.push([bar]);
    else hidden++;
  }
  return { bars, hidden };
}

export type Shift = Schemas['Calendar']['shifts'][number];
export type Block = { person: string; from: string; to: string; override: string | undefined; left: number; width: number };

/** The shifts of each day of a calendar, as parts of the day in the browser's own time. */
export function days(shifts: Shift[], from: Date, count: number): { day: Date; blocks: Block[] }[] {
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(from.getFullYear(), from.getMonth(), from.getDate() + index);
    const end = new Date(from.getFullYear(), from.getMonth(), from.getDate() + index + 1);
    const length = end.getTime() - day.getTime();
    const blocks = shifts
      .map((shift) => ({ shift, begins: Math.max(day.getTime(), Date.parse(shift.from)), ends: Math.min(end.getTime(), Date.parse(shift.to)) }))
      .filter(({ begins, ends }) => begins < ends)
      .map(({ shift, begins, ends }) => ({ person: shift.person, from: shift.from, to: shift.to, override: shift.override, left: (begins - day.getTime()) / length, width: (ends - begins) / length }));
    return { day, blocks };
  });
}

/** Who is on call now, and who is next, when. */
export function nowAndNext(shifts: Shift[], now: number): { now: Shift | undefined; next: Shift | undefined } {
  const current = shifts.find((shift) => Date.parse(shift.from) <= now && now < Date.parse(shift.to));
  const next = shifts.find((shift) => Date.parse(shift.from) >= (current === undefined ? now : Date.parse(current.to)) && shift.person !== current?.person);
  return { now: current, next };
}

export type RouteNode = { receiver?: string; receiver_from?: string; matchers?: string[]; match?: Record<string, string>; match_re?: Record<string, string>; group_by?: string[]; group_wait?: string; repeat_interval?: string; continue?: boolean; mute_time_intervals?: string[]; active_time_intervals?: string[]; routes?: RouteNode[] };
export type FlatRoute = { depth: number; matchers: string[]; receiver: string; own: boolean; from: string; groupBy: string[]; rest: string[]; goesOn: boolean };

/** The tree of routes as lines, each with what it inherits. */
export function flat(node: RouteNode, above: { receiver: string; from: string; groupBy: string[] } = { receiver: '', from: '', groupBy: [] }, depth = 0): FlatRoute[] {
  const receiver = node.receiver ?? above.receiver;
  const from = node.receiver_from ?? above.from;
  const groupBy = node.group_by ?? above.groupBy;
  const matchers = [
    ...(node.matchers ?? []),
    ...Object.entries(node.match ?? {}).map(([name, value]) => `${name}="${value}"`),
    ...Object.entries(node.match_re ?? {}).map(([name, value]) => `${name}=~"${value}"`),
  ];
  const rest = [
    ...(node.repeat_interval === undefined ? [] : [`again every ${node.repeat_interval}`]),
    ...(node.mute_time_intervals ?? []).map((name) => `silent during ${name}`),
    ...(node.active_time_intervals ?? []).map((name) => `only during ${name}`),
  ];
  return [{ depth, matchers, receiver, own: node.receiver !== undefined, from, groupBy, rest, goesOn: node.continue === true }, ...(node.routes ?? []).flatMap((child) => flat(child, { receiver, from, groupBy }, depth + 1))];
}

/** What holds where nothing is declared. */
export const STANDARD_ROUTE: RouteNode = { receiver: 'default', receiver_from: 'owner', group_by: ['alertname'], repeat_interval: '4h' };

const MATCHER = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]*))\s*$/;

/** A matcher as somebody types it, quoted as the API wants it; undefined when it is none. */
export function quoted(typed: string): string | undefined {
  const found = MATCHER.exec(typed);
  if (found === null) return undefined;
  const [, name, sign, inQuotes, bare] = found;
  return `${name}${sign}"${inQuotes ?? (bare ?? '').replaceAll('\\', '\\\\')}"`;
}

/** A route as people call it: the root, {}, takes everything; of the others the matchers count. */
export function routeName(route: string): string {
  return route === '{}' ? 'everything' : route.replace(/^\{\}\//, '');
}
