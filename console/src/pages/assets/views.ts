import type { View } from './hooks';
import type { Search } from './search';

/** The address of a view. */
export function searchOf(view: View): Search {
  return {
    ...(view.q ? { q: view.q } : {}),
    ...(view.selector ? { selector: view.selector } : {}),
    ...(view.facets.length > 0 ? { f: view.facets } : {}),
    ...(view.columns.length > 0 ? { cols: view.columns.join(' ') } : {}),
    ...(view.sort ? { sort: view.sort } : {}),
  };
}
