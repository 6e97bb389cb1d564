import { field, literal } from './cel';

/** Everything that the list of assets shows, as in its address. */
export type Search = {
  q?: string;
  selector?: string;
  /** Older links: the same as a facet. */
  type?: string;
  presence?: string;
  /** What is chosen of the facets: `FACET=VALUE`. */
  f?: string[];
  /** Fields that are counted beside the usual ones, separated by spaces. */
  by?: string;
  cols?: string;
  sort?: string;
  view?: 'map';
  /** Where the map is: latitude, longitude, zoom. */
  at?: string;
  track?: string;
  range?: string;
  /** Chosen assets, or all that match. */
  sel?: string[] | 'all';
  act?: string;
  change?: string;
};

/** As many as an address can hold; more are chosen by what they have in common. */
export const MAX_TICKED = 200;
export const SORTS = ['id', '-id', 'created', '-created'];
export const FACETS = ['presence', 'type', 'region', 'lifecycle', 'owner'];

const TEXTS = ['q', 'selector', 'type', 'presence', 'by', 'cols', 'sort', 'at', 'track', 'range', 'act', 'change'] as const;

export function validSearch(given: Record<string, unknown>): Search {
  const search: Search = {};
  for (const key of TEXTS) {
    const value = given[key];
    if (typeof value === 'string' && value !== '') search[key] = value;
    else if (typeof value === 'number') search[key] = String(value);
  }
  if (search.sort !== undefined && (search.sort === 'id' || !SORTS.includes(search.sort))) delete search.sort;
  if (given.view === 'map') search.view = 'map';
  const f = lines(given.f).filter((each) => each.indexOf('=') > 0);
  if (f.length > 0) search.f = f;
  if (given.sel === 'all') search.sel = 'all';
  else if (lines(given.sel).length > 0) search.sel = lines(given.sel).slice(0, MAX_TICKED);
  return search;
}

function lines(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : [];
}

/** What is chosen, by facet, in the order in which it was. */
export function chosenOf(search: Search): Map<string, string[]> {
  const chosen = new Map<string, string[]>();
  const add = (facet: string, value: string) => chosen.set(facet, [...new Set([...(chosen.get(facet) ?? []), value])]);
  if (search.type) add('type', search.type);
  if (search.presence) add('presence', search.presence);
  for (const each of search.f ?? []) add(each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1));
  return chosen;
}

/** What is chosen as the server takes it. */
export function chosenLines(search: Search): string[] {
  return [...chosenOf(search)].flatMap(([facet, values]) => values.map((value) => `${facet}=${value}`));
}

/** The address with a value of a facet chosen or left; another selection of assets begins. */
export function toggled(search: Search, facet: string, value: string): Search {
  const chosen = chosenOf(search);
  const values = chosen.get(facet) ?? [];
  chosen.set(facet, values.includes(value) ? values.filter((each) => each !== value) : [...values, value]);
  return withChosen(search, chosen);
}

export function cleared(search: Search, facet: string): Search {
  const chosen = chosenOf(search);
  chosen.delete(facet);
  return withChosen(search, chosen);
}

function withChosen(search: Search, chosen: Map<string, string[]>): Search {
  const { type: _type, presence: _presence, f: _f, sel: _sel, ...rest } = search;
  const f = [...chosen].flatMap(([facet, values]) => values.map((value) => `${facet}=${value}`));
  return f.length === 0 ? rest : { ...rest, f };
}

/** The selector that the screen stands for: what one could as well type or give to `muster`. */
export function selectorOf(search: Search): string | undefined {
  const facets = [...chosenOf(search)].filter(([, values]) => values.length > 0).map(([facet, values]) => oneOf(facet, values));
  const typed = search.selector === undefined ? [] : [facets.length > 0 ? `(${search.selector})` : search.selector];
  const all = [...typed, ...facets];
  return all.length === 0 ? undefined : all.join(' && ');
}

/** The selector of the chosen assets. */
export function selectionOf(search: Search): string | undefined {
  if (search.sel === 'all') return selectorOf(search) ?? 'true';
  return search.sel === undefined ? undefined : `asset.id in [${search.sel.map(literal).join(', ')}]`;
}

function oneOf(facet: string, values: string[]): string {
  const name = field(facet);
  const some = values.filter((value) => value !== '');
  const parts: string[] = [];
  if (values.includes('')) parts.push(absent(facet));
  if (some.length === 1) parts.push(`${name} == ${literal(some[0] ?? '')}`);
  if (some.length > 1) parts.push(`${name} in [${some.map(literal).join(', ')}]`);
  return parts.length > 1 ? `(${parts.join(' || ')})` : (parts[0] ?? 'true');
}

function absent(facet: string): string {
  const dot = facet.indexOf('.');
  return dot < 0 ? `${field(facet)} == ''` : `!(${literal(facet.slice(dot + 1))} in asset.${facet.slice(0, dot)})`;
}

const NAMES: Record<string, string> = { type: 'Type', region: 'Region', presence: 'Presence', lifecycle: 'Lifecycle', owner: 'Owner', site: 'Site', hardware: 'Hardware' };

/** What people call a field. */
export function titleOf(facet: string): string {
  if (facet.startsWith('labels.')) return facet.slice('labels.'.length);
  if (facet.startsWith('software.')) return `${facet.slice('software.'.length)} version`;
  return NAMES[facet] ?? facet;
}
