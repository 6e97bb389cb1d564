import type { Schemas } from '../../api/client';
import { at, leaves } from '../../ui/pointer';

/** One line of the comparison: same and differs are the server's words, never worked out here. */
export type TwinField = {
  field: string;
  desired: unknown;
  reported: unknown;
  origin: string | undefined;
  policy?: string;
  reason?: string;
  verdict: 'same' | 'differs' | 'not compared' | 'only reported';
};

type Twin = Schemas['TwinView'];

/** What is desired and what is reported beside each other, what differs first. */
export function twinFields(twin: Twin): TwinField[] {
  const desired = { config: twin.desired?.config, software: twin.desired?.software };
  const reported = { config: twin.reported?.config ?? {}, software: twin.reported?.software ?? {} };
  const origins = (twin.desired?.origins ?? {}) as Record<string, string>;
  const differing = new Map(twin.drift.map((field) => [field.field, field]));
  const compared = twin.state === 'in_sync' || twin.state === 'drifted';
  const wanted = Object.keys(origins).filter((field) => !differing.has(field)).map((field): TwinField => ({
    field,
    desired: version(at(desired, field)),
    reported: at(reported, field),
    origin: origins[field],
    // Beyond the fields that the server lists others may differ too.
    verdict: compared && twin.differing === twin.drift.length ? 'same' : 'not compared',
  }));
  const beyond = leaves(reported).filter((field) => !covered(field, origins, differing)).map((field): TwinField => ({
    field,
    desired: undefined,
    reported: at(reported, field),
    origin: undefined,
    verdict: 'only reported',
  }));
  return [
    ...twin.drift.map((field): TwinField => ({
      field: field.field,
      desired: version(field.desired),
      reported: version(field.reported),
      origin: field.origin,
      policy: field.policy,
      ...(field.reason ? { reason: field.reason } : {}),
      verdict: 'differs',
    })),
    ...wanted,
    ...beyond.filter((field) => !(isEmpty(field.reported) && (field.field === '/config' || field.field === '/software'))),
  ];
}

function covered(field: string, origins: Record<string, string>, differing: Map<string, unknown>): boolean {
  for (let end = field.length; end > 0; end = field.lastIndexOf('/', end - 1)) {
    const above = field.slice(0, end);
    if (above in origins || differing.has(above)) return true;
  }
  return false;
}

/** Software is desired as an object around its version. */
function version(value: unknown): unknown {
  return value !== null && typeof value === 'object' && 'version' in value ? (value as { version: unknown }).version : value;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
