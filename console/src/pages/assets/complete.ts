import { keyOf, literal } from './cel';

/** What fits at a place of a selector that is being typed. */
export type Place =
  | { kind: 'name'; from: number; to: number; word: string }
  | { kind: 'key'; map: 'labels' | 'software'; from: number; to: number; word: string }
  | { kind: 'value'; of: string; from: number; to: number; word: string }
  | { kind: 'operator'; of: string; from: number; to: number; word: string }
  | { kind: 'joint'; from: number; to: number; word: string }
  | { kind: 'none' };

export type Proposal = { insert: string; label: string; note?: string; from: number; to: number; /** Where the cursor goes, from the end of what is inserted. */ back?: number };

export const FIELDS: { name: string; note: string; kind: 'text' | 'time' | 'map' | 'count' }[] = [
  { name: 'id', note: 'text', kind: 'text' },
  { name: 'type', note: 'text', kind: 'text' },
  { name: 'labels', note: 'map', kind: 'map' },
  { name: 'region', note: 'text', kind: 'text' },
  { name: 'site', note: 'text', kind: 'text' },
  { name: 'owner', note: 'text', kind: 'text' },
  { name: 'hardware', note: 'text', kind: 'text' },
  { name: 'lifecycle', note: 'text', kind: 'text' },
  { name: 'presence', note: 'text', kind: 'text' },
  { name: 'presenceSince', note: 'time', kind: 'time' },
  { name: 'lastSeen', note: 'time', kind: 'time' },
  { name: 'certificateExpires', note: 'time', kind: 'time' },
  { name: 'created', note: 'time', kind: 'time' },
  { name: 'updated', note: 'time', kind: 'time' },
  { name: 'software', note: 'map', kind: 'map' },
  { name: 'drift', note: 'number', kind: 'count' },
];

const OPERATORS: Record<'text' | 'time' | 'count', { insert: string; note: string; back?: number }[]> = {
  text: [
    { insert: " == ''", note: 'is', back: 1 },
    { insert: " != ''", note: 'is not', back: 1 },
    { insert: " in ['']", note: 'is one of', back: 2 },
    { insert: ".startsWith('')", note: 'begins with', back: 2 },
    { insert: ".contains('')", note: 'holds', back: 2 },
    { insert: ".matches('')", note: 'fits an expression (RE2)', back: 2 },
  ],
  time: [
    { insert: " < now - duration('1h')", note: 'longer ago than', back: 2 },
    { insert: " > now - duration('1h')", note: 'within the last', back: 2 },
    { insert: " < now + duration('168h')", note: 'before in a week', back: 2 },
  ],
  count: [
    { insert: ' > 0', note: 'is more than' },
    { insert: ' == 0', note: 'is' },
  ],
};

const VERSION = [{ insert: ".atLeast('')", note: 'or a later version', back: 2 }];
const PATH = String.raw`asset\.(\w+)(?:\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)*)'\])?`;

/** Where the cursor is. */
export function placeOf(text: string, cursor: number): Place {
  const before = text.slice(0, cursor);
  const quote = openQuote(before);
  if (quote >= 0) return valuePlace(before, quote, text, cursor);
  const rest = /^\w*/.exec(text.slice(cursor))?.[0] ?? '';
  const to = cursor + rest.length;
  const key = /asset\.(labels|software)\.(\w*)$/.exec(before);
  if (key) return { kind: 'key', map: key[1] as 'labels' | 'software', from: cursor - key[0].length, to, word: key[2] ?? '' };
  const name = /(?:^|[^\w.'\])])(asset\.?\w*|[A-Za-z_]\w*)?$/.exec(before);
  const path = new RegExp(`${PATH}(\\s*)$`).exec(before);
  if (path && isWhole(path) && (path[4] !== '' || FIELDS.some((field) => field.name === path[1]))) {
    return { kind: 'operator', of: facetOf(path), from: cursor - (path[4]?.length ?? 0), to: cursor, word: '' };
  }
  if (/(?:['\])]|\b\d+|\btrue|\bfalse)\s+$/.test(before)) return { kind: 'joint', from: cursor, to: cursor, word: '' };
  if (name && !/[\w'\])]\s+$/.test(before)) {
    const word = name[1] ?? '';
    return { kind: 'name', from: cursor - word.length, to, word: word.replace(/^asset\.?/, '') };
  }
  return { kind: 'none' };
}

function isWhole(path: RegExpExecArray): boolean {
  const kind = FIELDS.find((field) => field.name === path[1])?.kind;
  return kind !== undefined && (kind !== 'map' || path[2] !== undefined || path[3] !== undefined);
}

function facetOf(path: RegExpExecArray): string {
  const key = path[2] ?? path[3];
  return key === undefined ? (path[1] ?? '') : `${path[1]}.${key}`;
}

/** The beginning of the text in quotes in which the cursor is; -1 outside of one. */
function openQuote(before: string): number {
  let open = -1;
  for (let i = 0; i < before.length; i++) {
    if (before[i] === '\\' && open >= 0) i++;
    else if (before[i] === "'") open = open >= 0 ? -1 : i;
  }
  return open;
}

function valuePlace(before: string, quote: number, text: string, cursor: number): Place {
  const ahead = before.slice(0, quote);
  const path = new RegExp(`${PATH}\\s*(?:[=!]=\\s*|in\\s*\\[[^\\]]*|\\.(?:startsWith|endsWith|contains|atLeast)\\()$`).exec(ahead);
  if (!path || !isWhole(path)) return { kind: 'none' };
  const end = text.indexOf("'", cursor);
  return { kind: 'value', of: facetOf(path), from: quote, to: end < 0 ? cursor : end + 1, word: before.slice(quote + 1) };
}

/** What is proposed at a place; values come from the server. */
export function proposals(place: Place, known: { labels: string[]; software: string[] }, values: { value: string; assets: number }[]): Proposal[] {
  switch (place.kind) {
    case 'none':
      return [];
    case 'value':
      return values.filter(({ value }) => value !== '').map(({ value, assets }) => ({ insert: literal(value), label: value, note: assets.toLocaleString(), from: place.from, to: place.to }));
    case 'joint':
      return [{ insert: '&& ', label: '&&', note: 'and', from: place.from, to: place.to }, { insert: '|| ', label: '||', note: 'or', from: place.from, to: place.to }];
    case 'operator': {
      const kind = FIELDS.find((field) => field.name === place.of)?.kind ?? 'text';
      if (kind === 'map') return [];
      return [...OPERATORS[kind], ...(place.of.startsWith('software.') ? VERSION : [])].map(({ insert, note, back }) => ({ insert, label: insert.trim(), note, from: place.from, to: place.to, ...(back !== undefined && { back }) }));
    }
    case 'key':
      return best(known[place.map], place.word).map((key) => ({ insert: keyOf(place.map, key), label: key, note: place.map === 'labels' ? 'label' : 'component', from: place.from, to: place.to }));
    case 'name': {
      const names = [
        ...FIELDS.map((field) => ({ key: field.name, insert: `asset.${field.name}${field.kind === 'map' ? '.' : ''}`, note: field.note })),
        ...known.labels.map((key) => ({ key, insert: keyOf('labels', key), note: 'label' })),
        ...known.software.map((key) => ({ key, insert: keyOf('software', key), note: 'component' })),
      ];
      const found = best([...new Set(names.map((each) => each.key))], place.word);
      return found.flatMap((key) => names.filter((each) => each.key === key)).map(({ insert, note }) => ({ insert, label: insert, note, from: place.from, to: place.to }));
    }
  }
}

const MOST = 12;

/** Those that begin with the word, then those that hold it. */
function best(all: string[], word: string): string[] {
  const small = word.toLowerCase();
  const begin = all.filter((each) => each.toLowerCase().startsWith(small));
  return [...begin, ...all.filter((each) => !begin.includes(each) && each.toLowerCase().includes(small))].slice(0, MOST);
}

/** Text and cursor after a proposal was taken. */
export function taken(text: string, { insert, from, to, back = 0 }: Proposal): { text: string; cursor: number } {
  return { text: text.slice(0, from) + insert + text.slice(to), cursor: from + insert.length - back };
}

/** The place that the server's message names, counted from 0; undefined when it names none. */
export function faultOf(message: string): number | undefined {
  const at = /at character (\d+)/.exec(message)?.[1];
  return at === undefined ? undefined : Number(at) - 1;
}
