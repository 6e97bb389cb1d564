import { useEffect, useRef, useSyncExternalStore } from 'react';

/** What a key of a screen does, in words for the help, and how. */
export type KeyAction = { does: string; act: (event: KeyboardEvent) => void; /** Why it does nothing now; shown in the help. */ lacks?: string | undefined };

/**
 * Keys by what they write: `j`, `?`, `Enter`, `ArrowDown`; with `mod+` before, Ctrl or ⌘ is held. What a keyboard needs shift for is
 * written as such: `R`, not shift and r.
 */
export type KeyMap = Record<string, KeyAction>;

type Registered = { id: number; title: string; keys: { current: KeyMap } };

let registered: Registered[] = [];
let last = 0;
const watchers = new Set<() => void>();

function change(next: Registered[]): void {
  registered = next;
  watchers.forEach((watch) => watch());
}

/**
 * The keys of a screen, for as long as it is shown; the help (`?`) lists them under the title. They do nothing while one types, or while
 * a dialog is open. What was registered last goes before what was before: a screen's part may take a key over.
 */
export function useKeys(title: string, keys: KeyMap): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const id = ++last;
    change([...registered, { id, title, keys: current }]);
    return () => change(registered.filter((each) => each.id !== id));
  }, [title]);
}

/** All keys that screens have registered, by title, as the help lists them. */
export function useRegisteredKeys(): { title: string; keys: KeyMap }[] {
  const all = useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => registered,
  );
  return all.map(({ title, keys }) => ({ title, keys: keys.current }));
}

/** How a key is written in a {@link KeyMap}. */
export function nameOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string | undefined {
  if (event.altKey) return undefined;
  return event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key;
}

/** Does what the newest screen part that knows the key has for it; false when none does. */
export function press(event: KeyboardEvent): boolean {
  const name = nameOf(event);
  if (name === undefined) return false;
  for (const { keys } of registered.toReversed()) {
    const action = keys.current[name];
    if (action === undefined) continue;
    if (action.lacks === undefined) action.act(event);
    return true;
  }
  return false;
}

/** Whether the key is for a field, or for the dialog that is open. */
export function busy(event: KeyboardEvent): boolean {
  return typing(event) || document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}

export function typing(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
