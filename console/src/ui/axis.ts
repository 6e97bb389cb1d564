const FACTORS: [number, string][] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** A number as a scale has room for it: 12.4G, 980k, 0.25. */
export function short(value: number | null): string {
  if (value === null) return '';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(0);
  const [factor, sign] = size < 10_000 ? [1, ''] : (FACTORS.find(([least]) => size >= least) ?? [1, '']);
  return `${Number((value / factor).toPrecision(4))}${sign}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** A moment on a scale of so many seconds, in local time: as exact as the scale needs. */
export function moment(seconds: number, span: number): string {
  const at = new Date(seconds * 1000);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (span > 86_400) return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
  return span < 1_800 ? `${time}:${two(at.getSeconds())}` : time;
}
