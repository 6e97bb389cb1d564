import { bytes } from './size';

/** A value with its unit, bytes as people say them. */
export function measured(value: unknown, unit: string | undefined): string {
  if (unit === 'By' && typeof value === 'number') return bytes(value);
  return unit === undefined || unit === '' || unit === '1' ? short(value) : `${short(value)} ${unit}`;
}

/** A number in as many digits as one reads at a glance. */
export function short(value: unknown): string {
  if (typeof value !== 'number') return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e9)) return value.toExponential(2);
  return value.toLocaleString(undefined, { maximumSignificantDigits: size >= 1000 ? 9 : 4 });
}
