import type { Gate } from './draft';

/** A kind of gate that people ask for in words: what it becomes, and how it is known again. */
export type GateKind = {
  key: string;
  title: string;
  /** The sentence around its fields. */
  says: string;
  fields: GateField[];
  make: (values: Record<string, string>) => Pick<Gate, 'check' | 'metrics'>;
  /** The values of a gate of this kind, or undefined for one of another. */
  read: (gate: Pick<Gate, 'check' | 'metrics'>) => Record<string, string> | undefined;
};

export type GateField = { key: string; label: string; unit?: string; initial: string; text?: boolean };

const NUMBER = '(\\d+(?:\\.\\d+)?)';

function simple(key: string, title: string, says: string, field: GateField | undefined, make: (value: string) => string, pattern: RegExp, back: (value: string) => string = (value) => value): GateKind {
  return {
    key,
    title,
    says,
    fields: field ? [field] : [],
    make: (values) => ({ check: make(field ? values[field.key] ?? field.initial : '') }),
    read: ({ check, metrics }) => {
      const match = metrics && Object.keys(metrics).length > 0 ? null : pattern.exec(check.trim());
      if (!match) return undefined;
      return field ? { [field.key]: back(match[1] ?? '') } : {};
    },
  };
}

/** 0.98 from 98, without the noise of binary fractions. */
function share(percent: string): string {
  return decimal(Number(percent) / 100);
}

function percent(of: string): string {
  return String(Number((Number(of) * 100).toFixed(6)));
}

/** A CEL double: 5 is an integer there, 5.0 is not. */
function decimal(value: number): string {
  const text = String(Number(value.toFixed(8)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function compared(key: string, title: string, says: string, against: 'past' | 'others'): GateKind {
  const pattern = new RegExp(`^metrics\\.compared\\.pHigher > 0\\.01 \\|\\| metrics\\.compared\\.change < ${NUMBER}$`);
  return {
    key,
    title,
    says,
    fields: [
      { key: 'metric', label: 'metric', initial: '', text: true },
      { key: 'change', label: 'higher by', unit: '%', initial: '10' },
    ],
    make: (values) => ({ check: `metrics.compared.pHigher > 0.01 || metrics.compared.change < ${share(values.change ?? '10')}`, metrics: { compared: { metric: values.metric ?? '', against } } }),
    read: ({ check, metrics }) => {
      const match = pattern.exec(check.trim());
      const { compared: one, ...others } = metrics ?? {};
      if (!match || !one || Object.keys(others).length > 0 || (one.against ?? 'past') !== against) return undefined;
      return { metric: one.metric ?? 'compared', change: percent(match[1] ?? '') };
    },
  };
}

export const GATE_KINDS: GateKind[] = [
  simple('restarts', 'Nothing restarts', 'none of the updated assets restarts again', undefined, () => 'wave.restarts == 0', /^wave\.restarts == 0$/),
  simple('online', 'They are online', 'of those that run it, at least so many are online:', { key: 'online', label: 'online', unit: '%', initial: '98' }, (value) => `wave.online >= ${share(value)}`, new RegExp(`^wave\\.online >= ${NUMBER}$`), percent),
  simple('errors', 'Few errors', 'an updated asset tells of no more errors an hour than:', { key: 'errors', label: 'errors', unit: 'an hour', initial: '1' }, (value) => `wave.errorRate <= ${decimal(Number(value))}`, new RegExp(`^wave\\.errorRate <= ${NUMBER}$`), (value) => String(Number(value))),
  simple('fresh', 'They are heard of', '95 of 100 updated assets were heard of within the last:', { key: 'seconds', label: 'seconds', unit: 's', initial: '120' }, (value) => `wave.freshness <= ${decimal(Number(value))}`, new RegExp(`^wave\\.freshness <= ${NUMBER}$`), (value) => String(Number(value))),
  compared('past', 'A metric against its past', 'it is not proved to be higher than before the update, by:', 'past'),
  compared('others', 'A metric against the others', 'it is not proved to be higher than on assets not yet updated, by:', 'others'),
  {
    key: 'budget',
    title: 'Error budget is left',
    says: 'of the error budget of an objective at least so much is left:',
    fields: [{ key: 'slo', label: 'objective', initial: '', text: true }, { key: 'left', label: 'left', unit: '%', initial: '20' }],
    make: (values) => ({ check: `slo["${values.slo ?? ''}"].remaining >= ${share(values.left ?? '20')}` }),
    read: ({ check }) => {
      const match = new RegExp(`^slo\\["([^"]*)"\\]\\.remaining >= ${NUMBER}$`).exec(check.trim());
      return match ? { slo: match[1] ?? '', left: percent(match[2] ?? '') } : undefined;
    },
  },
];

/** Which kind a gate is, with its values; undefined: the expression is its own. */
export function kindOf(gate: Pick<Gate, 'check' | 'metrics'>): { kind: GateKind; values: Record<string, string> } | undefined {
  for (const kind of GATE_KINDS) {
    const values = kind.read(gate);
    if (values) return { kind, values };
  }
  return undefined;
}

/** A gate of a kind under a name that is not taken. */
export function newGate(kind: GateKind | undefined, taken: string[]): Gate {
  const stem = kind?.key ?? 'own';
  let name = stem;
  for (let n = 2; taken.includes(name); n++) name = `${stem}-${n}`;
  return { name, ...(kind ? kind.make(Object.fromEntries(kind.fields.map((field) => [field.key, field.initial]))) : { check: '' }) };
}

/** What a gate of one's own may ask for. */
export const VALUES: [string, string][] = [
  ['wave.failureRate', 'share of failures among those with an outcome; failureRateUpper95: what it may truly be'],
  ['wave.samples', 'how many have succeeded or failed; targets, succeeded, failed, unreachable count alike'],
  ['wave.restarts', 'restarts since the soak began'],
  ['wave.online', 'share of those that run it and are online'],
  ['wave.freshness', 'seconds since the last sign of life, 95 of 100 are below'],
  ['wave.errorRate', 'errors an hour and asset since it runs the new version'],
  ['metrics.NAME.change', 'of a compared metric: 0.1 is a tenth higher; also mean, baseline, pHigher, pLower'],
  ['slo["NAME"].remaining', 'of an error budget, 1 is all of it; burnRate is how fast it goes'],
];
