import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

/** One entry of the server's event log. */
export type StreamEvent = { position: number; at: string; type: string; subject: string; data: Record<string, unknown> };

type Listener = (event: StreamEvent) => void;

const listeners = new Set<Listener>();
const stateListeners = new Set<() => void>();
let live = false;

/** Queries to ask again when something happens: by the first word of the event's type, `asset.created` → `asset`. */
const CONCERNS: Record<string, string[]> = {
  asset: ['assets', 'overview'],
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
 * Opens the one stream of this window and keeps it open: after a break it goes on after the last entry that was seen.
 * Read by hand because the server names its events by their types, which EventSource would have to know beforehand.
 */
export function openStream(queries: QueryClient): () => void {
  const stop = new AbortController();
  const due = new Set<string>();
  let timer: number | undefined;
  const refresh = (event: StreamEvent) => {
    (CONCERNS[event.type.split('.')[0] ?? ''] ?? []).forEach((key) => due.add(key));
    due.add('events');
    // At most one refresh a second, however much happens.
    timer ??= window.setTimeout(() => {
      timer = undefined;
      due.forEach((key) => void queries.invalidateQueries({ queryKey: [key] }));
      due.clear();
    }, 1000);
    listeners.forEach((listen) => listen(event));
  };
  void follow(stop.signal, refresh, () => void queries.invalidateQueries());
  return () => {
    stop.abort();
    window.clearTimeout(timer);
    setLive(false);
  };
}

async function follow(stop: AbortSignal, refresh: (event: StreamEvent) => void, missed: () => void): Promise<void> {
  let last = '';
  let pause = 1000;
  while (!stop.aborted) {
    try {
      const answer = await fetch('/api/v1/stream', {
        signal: stop,
        credentials: 'same-origin',
        headers: { Accept: 'text/event-stream', ...(last === '' ? {} : { 'Last-Event-ID': last }) },
      });
      if (answer.ok && answer.body) {
        setLive(true);
        pause = 1000;
        for await (const frame of frames(answer.body)) {
          if (frame.id !== '') last = frame.id;
          if (frame.event === 'gap') missed();
          else if (frame.data !== '') refresh(JSON.parse(frame.data) as StreamEvent);
        }
      }
    } catch {
      // The connection broke, which the indicator shows; it is opened again below.
    }
    setLive(false);
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
