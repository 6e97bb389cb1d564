import { at, leaves } from './pointer';

/** What became of one field, by its JSON Pointer. */
export type FieldChange = { pointer: string; kind: 'added' | 'removed' | 'changed'; before: unknown; after: unknown };

/** The fields that differ, in the order of the document; nothing at all is an empty document. An array is one value, and so is an empty object. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const pointers = [...new Set([...leavesOf(before), ...leavesOf(after)])];
  return pointers.flatMap((pointer): FieldChange[] => {
    const [was, is] = [at(before, pointer), at(after, pointer)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (was === undefined) return [{ pointer, kind: 'added', before: was, after: is }];
    return [{ pointer, kind: is === undefined ? 'removed' : 'changed', before: was, after: is }];
  });
}

function leavesOf(document: unknown): string[] {
  return document === undefined || document === null ? [] : leaves(document);
}

/** A line of a text that differs, or of what is around it; `skipped` lines before it are the same. */
export type LineChange = { kind: 'same' | 'added' | 'removed'; text: string; skipped?: number };

const AROUND = 3;
const MOST = 4_000;

/** Lines by the longest common subsequence; of texts that are too long for that, all lines of both. */
export function lineChanges(before: string, after: string): LineChange[] {
  const [one, other] = [before.split('\n'), after.split('\n')];
  if (one.length > MOST || other.length > MOST) return [...one.map((text) => ({ kind: 'removed' as const, text })), ...other.map((text) => ({ kind: 'added' as const, text }))];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let tail = 0;
  while (tail < one.length - start && tail < other.length - start && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
  const middle = common(one.slice(start, one.length - tail), other.slice(start, other.length - tail));
  const all: LineChange[] = [...one.slice(0, start).map((text) => ({ kind: 'same' as const, text })), ...middle, ...one.slice(one.length - tail).map((text) => ({ kind: 'same' as const, text }))];
  return shortened(all);
}

function common(one: string[], other: string[]): LineChange[] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      (lengths[i] as Uint16Array)[j] = one[i] === other[j] ? (lengths[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(lengths[i + 1]?.[j] ?? 0, lengths[i]?.[j + 1] ?? 0);
    }
  }
  const lines: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      lines.push({ kind: 'same', text: one[i++] ?? '' });
      j++;
    } else if (i < one.length && (j >= other.length || (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) lines.push({ kind: 'removed', text: one[i++] ?? '' });
    else lines.push({ kind: 'added', text: other[j++] ?? '' });
  }
  return lines;
}

/** Leaves out what is far from every change. */
function shortened(lines: LineChange[]): LineChange[] {
  const kept: LineChange[] = [];
  let skipped = 0;
  lines.forEach((line, index) => {
    const near = lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((each) => each.kind !== 'same');
    if (!near) {
      skipped++;
      return;
    }
    kept.push(skipped > 0 ? { ...line, skipped } : line);
    skipped = 0;
  });
  return kept;
}
