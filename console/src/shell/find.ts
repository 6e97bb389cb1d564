/** What one may look for: a title, and further words by which it is found. */
export type Findable = { title: string; words?: string | undefined };

/**
 * How well something fits what was typed; undefined when it does not. Every typed word has to occur; a title that begins with all of it
 * fits best, then one in which a word begins with it, then any place.
 */
export function fit({ title, words = '' }: Findable, typed: string): number | undefined {
  const wanted = typed.toLowerCase().trim();
  if (wanted === '') return 0;
  const name = title.toLowerCase();
  if (name === wanted) return 4;
  if (name.startsWith(wanted)) return 3;
  if (name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 2;
  if (name.includes(wanted)) return 1;
  const all = `${name} ${words.toLowerCase()}`;
  return wanted.split(/\s+/).every((word) => all.includes(word)) ? 0 : undefined;
}

/** What fits, the best first, otherwise as it came; so many at most. */
export function best<T extends Findable>(all: T[], typed: string, most: number): T[] {
  return all
    .map((each) => ({ each, how: fit(each, typed) }))
    .filter((found): found is { each: T; how: number } => found.how !== undefined)
    .sort((a, b) => b.how - a.how)
    .slice(0, most)
    .map(({ each }) => each);
}
