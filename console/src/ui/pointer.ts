/** The value at a JSON Pointer (RFC 6901); undefined when there is none. */
export function at(document: unknown, pointer: string): unknown {
  let value = document;
  for (const escaped of pointer.split('/').slice(1)) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[escaped.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

/** Pointers of all values that are not objects; an array is one value. */
export function leaves(document: unknown, prefix = ''): string[] {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return [prefix];
  return Object.entries(document).flatMap(([name, value]) => leaves(value, `${prefix}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`));
}
