import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { Pace } from './pace';
import { share } from './share';

/** One entry of the server's event log. */
export type StreamEvent = { position: number; at: string; type: string; subject: string; data: Record<string, unknown> };

/** What is told to whoever follows the stream. */
export type StreamReader = { event: (event: StreamEvent) => void; /** Entries that are not kept any more were not seen. */ missed: () => void; live: (live: boolean) => void; /** The position that was read, whether or not an entry of it is ours. */ at?: (position: string) => void };

type Listener = (event: StreamEvent) => void;

const listeners = new Set<Listener>();
const stateListeners = new Set<() => void>();
let live = false;

const TOLD_EVERY_MS = 60_000;

/** Queries to ask again when something happens: by the first word of the event's type, `asset.created` → `asset`. */
const CONCERNS: Record<string, string[]> = {
  asset: ['assets', 'overview'],
  assets: ['assets', 'asset-facets', 'asset-keys', 'overview', 'groups'],
  presence: ['assets', 'overview'],
  asset_type: ['asset-types'],
  group: ['groups'],
  certificate: ['certificates', 'assets', 'overview'],
  claim_token: ['claim-tokens'],
  token: ['tokens'],
  command: ['commands', 'command-runs'],
  command_run: ['commands', 'command-runs'],
  configuration: ['configurations', 'drift'],
  twin: ['twin', 'drift', 'overview'],
  release: ['releases'],
  rollout: ['rollouts', 'overview'],
  alert: ['alerts', 'incidents'],
  silence: ['alerts'],
  incident: ['incidents'],
  runbook: ['runbook-runs', 'incidents'],
  slo: ['slos'],
};

/**
 * Follows the server's events for as long as the console is open, and asks again for what is shown of them. All windows of a browser share
 * one stream where the browser has locks; what nobody looks at is asked for when somebody does.
 */
export function openStream(queries: QueryClient): () => void {
  const stop = new AbortController();
  const unseen = new Set<string>();
  const again = (key: string) => void queries.invalidateQueries({ queryKey: [key] });
  const pace = new Pace((key) => (document.hidden ? void unseen.add(key) : again(key))); // what is hidden is asked for when it is looked at
  const onShown = () => {
    if (document.hidden) return;
    unseen.forEach(again);
    unseen.clear();
  };
  document.addEventListener('visibilitychange', onShown);
  share(stop.signal, {
    event: (event) => {
      (CONCERNS[event.type.split('.')[0] ?? ''] ?? []).forEach((key) => pace.due(key));
      pace.due('events');
      listeners.forEach((listen) => listen(event));
    },
    missed: () => void queries.invalidateQueries(),
    live: setLive,
  });
  return () => {
    stop.abort();
    document.removeEventListener('visibilitychange', onShown);
    pace.stop();
    setLive(false);
  };
}

/**
 * Reads the stream until told to stop, and opens it again after a break, going on after the last entry that was seen.
 * Read by hand because the server names its events by their types, which EventSource would have to know beforehand.
 */
export async function follow(stop: AbortSignal, from: string, told: StreamReader): Promise<void> {
  let last = from;
  let pause = 1000;
  while (!stop.aborted) {
    try {
      const answer = await fetch('/api/v1/stream', {
        signal: stop,
        credentials: 'same-origin',
        headers: { Accept: 'text/event-stream', 'X-Muster-Console': 'unattended', ...(last === '' ? {} : { 'Last-Event-ID': last }) },
      });
      if (answer.ok && answer.body) {
        told.live(true);
        pause = 1000;
        for await (const frame of frames(answer.body)) {
          if (frame.id !== '') {
            last = frame.id;
            told.at?.(last);
          }
          if (frame.event === 'gap') told.missed();
          else if (frame.data !== '') told.event(JSON.parse(frame.data) as StreamEvent);
          else told.live(true);
        }
      }
    } catch {
      // The connection broke, which the indicator shows; it is opened again below.
    }
    told.live(false);
    await new Promise((resolve) => window.setTimeout(resolve, stop.aborted ? 0 : pause * (0.5 + Math.random() / 2)));
    pause = Math.min(pause * 2, 30_000);
  }
}

type Frame = { id: string; event: string; data: string };

/** Server-sent events out of bytes (HTML standard, section 9.2.6), as far as the server uses them. */
export async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const frame: Frame = { id: '', event: '', data: '' };
      for (const line of text.slice(0, end).split('\n')) {
        const colon = line.indexOf(': ');
        const field = line.slice(0, colon);
        if (field === 'id' || field === 'event' || field === 'data') frame[field] += line.slice(colon + 2);
      }
      text = text.slice(end + 2);
      yield frame;
    }
  }
}

function setLive(now: boolean): void {
  if (live === now) return;
  live = now;
  stateListeners.forEach((listen) => listen());
}

export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * How often to ask for what the stream tells of: seldom while it does, so that what it missed is found all the same; as often as given
 * without it.
 */
export function unlessTold(everyMs: number): () => number {
  return () => (live ? Math.max(TOLD_EVERY_MS, everyMs) : everyMs);
}

/** Whether what is shown is kept up to date by the server right now. */
export function useLive(): boolean {
  return useSyncExternalStore(
    (changed) => {
      stateListeners.add(changed);
      return () => stateListeners.delete(changed);
    },
    () => live,
  );
}
