/** Words of CEL that are no names of fields. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(' '),
);

/** A text as CEL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** A key of a map of an asset, as an expression. */
export function keyOf(map: string, key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) && !RESERVED.has(key) ? `asset.${map}.${key}` : `asset.${map}[${literal(key)}]`;
}

/** `region`, `labels.ring`, `software.app` as an expression. */
export function field(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? `asset.${name}` : keyOf(name.slice(0, dot), name.slice(dot + 1));
}

/** Whether what somebody typed is meant as a selector; otherwise it is words to be found. */
export function isSelector(text: string): boolean {
  return /\basset\b|\bnow\b|==|!=|&&|\|\||^\s*has\(|^\s*(true|false)\s*$/.test(text);
}
