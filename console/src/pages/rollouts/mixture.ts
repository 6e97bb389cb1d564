/** Assets with the same values of the attributes by which waves are mixed. */
export type Stratum = { values: Record<string, string>; targets: number };

/** eu/rev-a/1.4.2; with names region eu, hardware rev-a. What an asset does not have is shown as a dash. */
export function mixture({ values }: Stratum, named = false): string {
  const entries = Object.entries(values);
  return named
    ? entries.map(([name, value]) => `${name} ${value === '' ? '–' : value}`).join(', ')
    : entries.map(([, value]) => (value === '' ? '–' : value)).join('/');
}

/** The 2 us/rev-b, the 1 eu/rev-c and 3 more mixtures. */
export function mixtures(strata: Stratum[], most: number): string {
  const shown = strata.slice(0, most).map((stratum) => `the ${stratum.targets.toLocaleString()} ${mixture(stratum)}`);
  const more = strata.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more ${more === 1 ? 'mixture' : 'mixtures'}`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all[all.length - 1]}`;
}
