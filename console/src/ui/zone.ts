import { useSyncExternalStore } from 'react';

/** By whose clock moments are shown: of this browser, of the world, or of the asset that is looked at. */
export type Clock = 'browser' | 'UTC' | 'asset';

export const CLOCKS: Clock[] = ['browser', 'UTC', 'asset'];

const KEPT = 'muster.clock';
const watchers = new Set<() => void>();
let clock = kept();
let ofAsset: string | undefined;

/** The labels by which an asset says its zone, as `zoneLabel` of a rollout's window does; the first that holds one. */
const LABELS = ['timezone', 'tz', 'zone'];

function kept(): Clock {
  try {
    const word = window.localStorage.getItem(KEPT);
    return CLOCKS.find((each) => each === word) ?? 'browser';
  } catch {
    return 'browser'; // a browser may keep nothing for us
  }
}

/** Remembered in this browser. */
export function showClock(chosen: Clock): void {
  clock = chosen;
  try {
    window.localStorage.setItem(KEPT, chosen);
  } catch {
    // It holds for as long as the page is open.
  }
  tell();
}

/** The zone that an asset's labels name, when they name one. */
export function zoneOf(labels: Record<string, string> | undefined): string | undefined {
  return LABELS.map((label) => labels?.[label]).find((name) => name !== undefined && isZone(name));
}

/** Says whose screen is shown; undefined when it is no asset's, or the asset names no zone. */
export function lookAt(assetZone: string | undefined): void {
  if (ofAsset === assetZone) return;
  ofAsset = assetZone;
  if (clock === 'asset') tell();
}

function tell(): void {
  watchers.forEach((watch) => watch());
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const BROWSER_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The IANA name of the zone in which moments are shown now. An asset without a zone of its own is shown by this browser's clock. */
export function zone(): string {
  if (clock === 'UTC') return 'UTC';
  return (clock === 'asset' ? ofAsset : undefined) ?? BROWSER_ZONE;
}

function watch(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

/** The clock that was chosen. */
export function useClock(): Clock {
  return useSyncExternalStore(watch, () => clock);
}

/** The zone in which moments are shown; whoever shows one by more than {@link Ago} and {@link Absolute} asks for it. */
export function useZone(): string {
  return useSyncExternalStore(watch, zone);
}

/** Whether the asset that is looked at names a zone. */
export function useAssetZone(): string | undefined {
  return useSyncExternalStore(watch, () => ofAsset);
}
