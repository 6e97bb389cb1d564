const PLAIN = /^[A-Za-z_/][\w./@-]*( [\w./@-]+)*$/;
const WORDS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n', '~']);

/** JSON as YAML 1.2 in the block style that people write. */
export function yaml(value: unknown): string {
  return block(value, '').replace(/^\n/, '').trimEnd() + '\n';
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((each) => `\n${indent}-${inItem(each, `${indent}  `)}`).join('');
  }
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    if (fields.length === 0) return ' {}';
    return fields.map(([name, field]) => `\n${indent}${scalar(name)}:${block(field, nested(field, indent))}`).join('');
  }
  return ` ${scalar(value, indent)}`;
}

function nested(field: unknown, indent: string): string {
  return typeof field === 'string' || (field !== null && typeof field === 'object') ? `${indent}  ` : indent;
}

/** The first line of what is in a list stands beside its dash. */
function inItem(value: unknown, indent: string): string {
  const text = block(value, indent);
  return text.startsWith('\n') ? ` ${text.slice(1 + indent.length)}` : text;
}

function scalar(value: unknown, indent = ''): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (/^[\x20-\x7e\u00a0-\uffff\n]+$/.test(value) && value.includes('\n') && !/^[\s]/.test(value) && indent !== '') {
    const lines = value.replace(/\n$/, '').split('\n');
    if (!/\n\n$/.test(value)) return `|${value.endsWith('\n') ? '' : '-'}\n${lines.map((each) => (each === '' ? '' : indent + each)).join('\n')}`;
  }
  return PLAIN.test(value) && !WORDS.has(value.toLowerCase()) ? value : JSON.stringify(value);
}
