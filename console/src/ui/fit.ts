const REM = 16;
/** From this width on a list shows all that it has, and is scrolled where that is too much: somebody chose it so. */
const ALL = 900;
/** From this width on there is room for what nobody asked for. */
const ROOM = 1500;

type Fits = { width: string; wide?: boolean; roomy?: boolean };

/** The least pixels that a CSS grid track takes: of `7rem`, or of `minmax(7rem, 1fr)`. */
export function least(track: string): number {
  const rem = /([\d.]+)rem/.exec(track)?.[1];
  return rem === undefined ? 0 : Number(rem) * REM;
}

/** Those of the columns for which a list of so many pixels has room: the ones that it is nothing without, then the others in their order. */
export function fitting<T extends Fits>(columns: T[], pixels: number): T[] {
  if (pixels >= ROOM) return columns;
  const asked = columns.filter(({ roomy }) => roomy !== true);
  if (pixels >= ALL) return asked;
  let left = pixels - asked.filter(({ wide }) => wide !== true).reduce((sum, { width }) => sum + least(width), 0);
  let full = false;
  return asked.filter(({ wide, width }) => {
    if (wide !== true) return true;
    full ||= least(width) > left; // the first that does not fit is the last that is tried: those behind it matter less
    left -= least(width);
    return !full;
  });
}
