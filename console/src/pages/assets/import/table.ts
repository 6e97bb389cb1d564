/** A file as rows of cells, whatever it was written in. */
export type Sheet = { columns: string[]; rows: { line: number; cells: string[] }[]; kind: 'CSV' | 'JSON' };

/** The columns that the server takes, beside `label.KEY`. */
export const FIXED = ['id', 'type', 'owner', 'region', 'site', 'hardware', 'lifecycle'];

/** What becomes of a column of the file. */
export type Mapping = { to: string; label?: string }[];
export const LABEL = 'label';
export const LEAVE = '';

const KEY = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;

/** @throws Error in words for whoever has the file */
export function read(text: string): Sheet {
  const clean = text.replace(/^\ufeff/, '');
  if (clean.trim() === '') throw new Error('There is nothing in it.');
  return /^\s*[[{]/.test(clean) ? readJson(clean) : readCsv(clean);
}

function readJson(text: string): Sheet {
  const objects = objectsOf(text);
  const columns: string[] = [];
  const flat = objects.map(({ line, value }) => {
    const cells = new Map<string, string>();
    for (const [name, field] of Object.entries(value)) {
      if (name === 'labels' && field !== null && typeof field === 'object' && !Array.isArray(field)) {
        for (const [key, label] of Object.entries(field)) cells.set(`label.${key}`, cell(label));
      } else {
        cells.set(name, cell(field));
      }
    }
    for (const name of cells.keys()) if (!columns.includes(name)) columns.push(name);
    return { line, cells };
  });
  return { kind: 'JSON', columns, rows: flat.map(({ line, cells }) => ({ line, cells: columns.map((name) => cells.get(name) ?? '') })) };
}

function objectsOf(text: string): { line: number; value: Record<string, unknown> }[] {
  let found: { line: number; value: unknown }[];
  try {
    const whole: unknown = JSON.parse(text);
    const items = (whole as { items?: unknown }).items;
    const list = Array.isArray(whole) ? whole : Array.isArray(items) ? items : [whole];
    found = list.map((value, index) => ({ line: index + 1, value }));
  } catch (broken) {
    const lines = text.split('\n').map((line, index) => ({ line: index + 1, text: line.trim() })).filter((line) => line.text !== '');
    if (lines.length < 2 || !lines[0]?.text.endsWith('}')) throw new Error(`It is no JSON: ${(broken as Error).message}`);
    found = lines.map(({ line, text: each }) => {
      try {
        return { line, value: JSON.parse(each) as unknown };
      } catch (bad) {
        throw new Error(`Line ${line} is no JSON: ${(bad as Error).message}`);
      }
    });
  }
  const wrong = found.find(({ value }) => value === null || typeof value !== 'object' || Array.isArray(value));
  if (wrong) throw new Error(`Entry ${wrong.line} is no object; each asset is one, such as {"id": "pos-1", "type": "pos"}.`);
  return found as { line: number; value: Record<string, unknown> }[];
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** CSV by RFC 4180; by comma, semicolon or tab, whichever the first line has most of. */
function readCsv(text: string): Sheet {
  const first = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const by = [',', ';', '\t'].reduce((best, sign) => (first.split(sign).length > first.split(best).length ? sign : best));
  const records: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let start = 1;
  let line = 1;
  let at = 0;
  const end = () => {
    if (cells.length > 1 || cells[0] !== '') records.push({ line: start, cells });
    cells = [];
    start = line;
  };
  for (;;) {
    let value: string;
    if (text[at] === '"') {
      const close = closing(text, at + 1);
      if (close < 0) throw new Error(`The quotation mark in line ${line} is never closed.`);
      value = text.slice(at + 1, close).replaceAll('""', '"');
      line += value.split('\n').length - 1;
      at = close + 1;
    } else {
      const from = at;
      while (at < text.length && text[at] !== by && text[at] !== '\n' && text[at] !== '\r') at++;
      value = text.slice(from, at);
    }
    cells.push(value.trim());
    if (text[at] === by) {
      at++;
      continue;
    }
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n') throw new Error(`Line ${line} goes on after a closing quotation mark.`);
    line++;
    end();
    at++;
    if (at >= text.length) break;
  }
  const header = records.shift();
  if (!header) throw new Error('There is nothing in it.');
  return { kind: 'CSV', columns: header.cells, rows: records };
}

function closing(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}

const SAME: Record<string, string> = {
  asset: 'id', assetid: 'id', device: 'id', deviceid: 'id', name: 'id', serial: 'id', serialnumber: 'id', thing: 'id',
  assettype: 'type', kind: 'type', devicetype: 'type', category: 'type',
  team: 'owner', customer: 'owner', location: 'site', store: 'site', plant: 'site', country: 'region', model: 'hardware', state: 'lifecycle', status: 'lifecycle',
};

/** What each column probably is; a second one of the same meaning becomes a label. */
export function guess(columns: string[]): Mapping {
  const taken = new Set<string>();
  const exact = (name: string) => FIXED.find((fixed) => fixed === name.trim().toLowerCase());
  const named = new Set(columns.map(exact));
  return columns.map((name) => {
    const label = /^labels?[./:](.+)$/.exec(name.trim())?.[1];
    if (label !== undefined) return { to: LABEL, label: keyOf(label) };
    const same = SAME[name.toLowerCase().replaceAll(/[^a-z]/g, '')];
    const to = exact(name) ?? (same !== undefined && !named.has(same) ? same : undefined);
    if (to !== undefined && !taken.has(to)) {
      taken.add(to);
      return { to };
    }
    return ['presence', 'presenceSince', 'lastSeen', 'certificateExpires', 'created', 'updated', 'resourceVersion'].includes(name) || keyOf(name) === '' ? { to: LEAVE } : { to: LABEL, label: keyOf(name) };
  });
}

function keyOf(name: string): string {
  const key = name.trim().replaceAll(/[^A-Za-z0-9._/-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
  return KEY.test(key) ? key : '';
}

/** Why nothing can be imported so; empty when it can. */
export function problems(mapping: Mapping, type: string): string[] {
  const found: string[] = [];
  const names = mapping.filter(({ to }) => to !== LEAVE).map(nameOf);
  if (!names.includes('id')) found.push('No column is the id.');
  if (!names.includes('type') && type === '') found.push('No column is the type; choose one, or one type for all.');
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) found.push(`Two columns are ${name}.`);
  for (const { to, label } of mapping) if (to === LABEL && !KEY.test(label ?? '')) found.push(`“${label ?? ''}” cannot be a label: letters, digits and . _ / - between them.`);
  return found;
}

function nameOf({ to, label }: Mapping[number]): string {
  return to === LABEL ? `label.${label ?? ''}` : to;
}

/** The file as the server takes it, and of each of its lines the one of the file that was given. */
export function write(sheet: Sheet, mapping: Mapping, type: string): { csv: string; lines: Map<number, number> } {
  const kept = mapping.map((each, index) => ({ name: nameOf(each), index, to: each.to })).filter(({ to }) => to !== LEAVE);
  const fixed = kept.some(({ name }) => name === 'type') ? [] : [type];
  const out = [[...kept.map(({ name }) => name), ...fixed.map(() => 'type')].map(quoted).join(',')];
  const lines = new Map<number, number>();
  let line = 2;
  for (const row of sheet.rows) {
    lines.set(line, row.line);
    const text = [...kept.map(({ index }) => row.cells[index] ?? ''), ...fixed].map(quoted).join(',');
    line += text.split('\n').length;
    out.push(text);
  }
  return { csv: `${out.join('\n')}\n`, lines };
}

function quoted(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
