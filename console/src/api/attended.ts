/** Whether a person is at the console: what a screen asks by itself does not keep a login open. */
const ATTENDED_MS = 10_000;

let lastInput = Date.now();
const listeners = new Set<() => void>();

for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const) {
  globalThis.window?.addEventListener(
    kind,
    () => {
      lastInput = Date.now();
      listeners.forEach((listen) => listen());
    },
    { capture: true, passive: true },
  );
}

export function onInput(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The header without which the server refuses what changes something: no other site can send it. */
export function guardHeader(): Record<'X-Muster-Console', string> {
  return { 'X-Muster-Console': Date.now() - lastInput < ATTENDED_MS ? '1' : 'unattended' };
}
