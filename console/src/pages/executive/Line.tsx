import classes from './executive.module.css';

export type Dot = { at: number; value: number | null };
export type Band = { at: number; value: number; low: number; high: number };

type Props = {
  /** Said to a screen reader: what the line shows. */
  label: string;
  /** Ascending; a value that is null is a gap, not a zero. */
  dots: Dot[];
  /** Where it is expected to go, from its last value on. */
  ahead?: Band[];
  height?: number;
  /** The least span of the scale, so that noise is not drawn as mountains. */
  leastSpan?: number;
  /** What the scale never exceeds. */
  most?: number;
  /** From when to when the line would reach if everything were known; what is missing stays empty. */
  from?: number;
  to?: number;
};

/** A small line over time that prints as sharp as it is shown: drawn, not painted. */
export function Line({ label, dots, ahead = [], height = 34, leastSpan = 0, most, from, to }: Props) {
  const known = dots.filter((dot): dot is { at: number; value: number } => dot.value !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return <div className={classes.none} style={{ height }} role="img" aria-label={`${label}: nothing known`}>unknown</div>;
  const { low, high } = scale([...known.map((dot) => dot.value), ...ahead.flatMap((each) => [each.low, each.high])], leastSpan, most);
  const begin = Math.min(from ?? first.at, first.at);
  const end = Math.max(to ?? last.at, last.at, ahead.at(-1)?.at ?? 0);
  const x = (at: number) => (end === begin ? 100 : ((at - begin) / (end - begin)) * 100);
  const y = (value: number) => 30 - ((value - low) / (high - low)) * 28 - 1;
  const point = (at: number, value: number) => `${x(at).toFixed(2)} ${y(value).toFixed(2)}`;
  const upper = ahead.map((each) => point(each.at, each.high));
  const lower = ahead.map((each) => point(each.at, each.low)).reverse();
  return (
    <svg className={classes.line} viewBox="0 0 100 30" preserveAspectRatio="none" style={{ height }} role="img" aria-label={`${label}, from ${new Date(first.at).toLocaleString()} to ${new Date(last.at).toLocaleString()}`}>
      {ahead.length > 0 && (
        <>
          <path className={classes.band ?? ''} d={`M${point(last.at, last.value)} L${upper.join(' L')} L${lower.join(' L')} Z`} />
          <path className={classes.ahead ?? ''} d={`M${point(last.at, last.value)} ${ahead.map((each) => `L${point(each.at, each.value)}`).join(' ')}`} />
        </>
      )}
      <path className={classes.path ?? ''} d={path(dots, point)} />
      {known.length === 1 && <path className={classes.dot ?? ''} d={`M${point(last.at, last.value)} h0`} />}
    </svg>
  );
}

/** Pieces between gaps; a piece of one value is a short stroke, so that it can be seen. */
function path(dots: Dot[], point: (at: number, value: number) => string): string {
  let drawn = '';
  let lifted = true;
  dots.forEach(({ at, value }, index) => {
    if (value === null) {
      lifted = true;
      return;
    }
    drawn += `${lifted ? 'M' : 'L'}${point(at, value)} `;
    if (lifted && (dots[index + 1]?.value ?? null) === null) drawn += 'h0.6 ';
    lifted = false;
  });
  return drawn;
}

export function scale(values: number[], leastSpan: number, most?: number): { low: number; high: number } {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const missing = Math.max(leastSpan, Math.abs(high) * 1e-6, 1e-9) - (high - low);
  if (missing > 0) {
    low -= missing / 2;
    high += missing / 2;
  }
  if (most !== undefined && high > most) {
    low -= high - most;
    high = most;
  }
  return { low, high };
}
