/** A component of an SBOM (CycloneDX 1.4 to 1.6), as far as it is shown. */
export type Part = { key: string; name: string; version: string; type: string; licence: string; purl: string };

type Licence = { license?: { id?: string; name?: string }; expression?: string };
type Component = { type?: string; group?: string; name?: string; version?: string; purl?: string; licenses?: Licence[]; components?: Component[] };

/** All components, those within others too. */
export function partsOf(document: unknown): Part[] {
  const parts: Part[] = [];
  const add = (components: Component[] | undefined) => {
    for (const each of components ?? []) {
      const name = each.group ? `${each.group}/${each.name ?? ''}` : each.name ?? '';
      parts.push({ key: String(parts.length), name, version: each.version ?? '', type: each.type ?? '', licence: licenceOf(each.licenses), purl: each.purl ?? '' });
      add(each.components);
    }
  };
  add((document as { components?: Component[] } | null)?.components);
  return parts.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function licenceOf(licences: Licence[] | undefined): string {
  return (licences ?? []).map((each) => each.expression ?? each.license?.id ?? each.license?.name ?? '').filter((each) => each !== '').join(' AND ');
}

/** How many components have each licence, most first; unknown ones are counted as such. */
export function licences(parts: Part[]): { licence: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(part.licence, (counts.get(part.licence) ?? 0) + 1);
  return [...counts].map(([licence, count]) => ({ licence, count })).sort((one, other) => other.count - one.count);
}

export function matching(parts: Part[], text: string, licence: string | undefined): Part[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return parts.filter((part) => {
    if (licence !== undefined && part.licence !== licence) return false;
    const all = `${part.name} ${part.version} ${part.purl} ${part.licence}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
