import type { Schemas } from '../../api/client';
import type { ParameterSchema } from '../../ui/parameters';

export type Metric = { type?: string; unit?: string; min?: number; max?: number; description?: string };
export type CommandSpec = { description?: string; disruptive?: boolean; timeout?: string; parameters?: ParameterSchema };

/** A type's declaration, as far as the screen shows parts of it. */
export type TypeSpec = {
  description?: string;
  criticality?: string;
  heartbeat?: { interval?: string; ttl?: string };
  telemetry?: { unknownMetricsLimit?: number; metrics?: Record<string, Metric> };
  logs?: { sample?: Record<string, number> };
  retention?: Record<string, string>;
  files?: Record<string, string>;
  commands?: Record<string, CommandSpec>;
  updatePolicy?: Record<string, unknown>;
  baseline?: Record<string, unknown>;
  [other: string]: unknown;
};

export function specOf(type: Schemas['DeclaredObject']): TypeSpec {
  return (type.spec ?? {}) as TypeSpec;
}

/** Whether it came with the server. */
export function originOf(type: Schemas['DeclaredObject']): string {
  const status = (type.status ?? {}) as { shippedVersion?: number | null; modified?: boolean };
  if (status.shippedVersion === undefined || status.shippedVersion === null) return 'your own';
  return status.modified ? `shipped, changed` : `shipped, version ${status.shippedVersion}`;
}

/** `0 … 90 m/s`, as far as it is bounded. */
export function boundsOf({ min, max, unit }: Metric): string {
  const suffix = unit === undefined || unit === '1' ? '' : ` ${unit}`;
  if (min === undefined && max === undefined) return '–';
  if (max === undefined) return `from ${short(min ?? 0)}${suffix}`;
  return min === undefined ? `up to ${short(max)}${suffix}` : `${short(min)} … ${short(max)}${suffix}`;
}

function short(value: number): string {
  const size = Math.abs(value);
  return size >= 1e9 || (size !== 0 && size < 0.001) ? value.toExponential(2).replace(/\.?0+(e|$)/, '$1').replace('e+', 'e') : value.toLocaleString('en', { maximumFractionDigits: 3 });
}

/** What a command takes, in one line: `bay: 1 to 12 (needed)`. */
export function parametersOf(schema: ParameterSchema | undefined): string[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { minimum, maximum, enum: choices, type } = property;
    const bounds = choices ? choices.map(String).join(' | ') : minimum !== undefined || maximum !== undefined ? `${minimum ?? ''} to ${maximum ?? ''}`.trim() : type === undefined ? '' : String(type);
    return `${name}${bounds === '' ? '' : `: ${bounds}`}${schema?.required?.includes(name) ? ' (needed)' : ''}`;
  });
}

/** A nested declaration as lines of name and value. */
export function flat(value: unknown, path = ''): [string, string][] {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return Object.entries(value).flatMap(([name, each]) => flat(each, path === '' ? name : `${path}.${name}`));
  return path === '' ? [] : [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}
