import { follow, type StreamEvent, type StreamReader } from './stream';

/** What the window that holds the stream tells the others. */
type Word = { kind: 'event'; event: StreamEvent } | { kind: 'missed' } | { kind: 'live'; live: boolean; last: string } | { kind: 'hello' };

const NAME = 'muster-stream';
/** A hidden window's clock may go once a minute only; one that says nothing for longer is asleep. */
const ASLEEP_MS = 75_000;
const SAID_EVERY_MS = 10_000;

/**
 * One stream for all windows of a browser: whoever has the lock reads it and tells the others; when that window is closed, the next one
 * goes on after the last entry that it heard of. A window that holds the stream and sleeps loses it. Without locks (they need https, or
 * this machine) each window has a stream of its own.
 */
export function share(stop: AbortSignal, told: StreamReader): void {
  if (navigator.locks === undefined || typeof BroadcastChannel === 'undefined') {
    void follow(stop, '', told);
    return;
  }
  const channel = new BroadcastChannel(NAME);
  const say = (word: Word) => channel.postMessage(word);
  let last = '';
  let live = false;
  let leads = false;
  let heard = Date.now();
  let waits = false;

  channel.onmessage = ({ data: word }: MessageEvent<Word>) => {
    if (word.kind === 'hello') {
      if (leads) say({ kind: 'live', live, last });
      return;
    }
    heard = Date.now();
    if (leads) return;
    if (word.kind === 'event') {
      last = String(word.event.position);
      told.event(word.event);
    } else if (word.kind === 'missed') told.missed();
    else {
      if (word.last !== '') last = word.last;
      told.live(word.live);
    }
  };

  const lead = async (lost: AbortSignal) => {
    leads = true;
    const saying = window.setInterval(() => say({ kind: 'live', live, last }), SAID_EVERY_MS);
    try {
      await follow(lost, last, {
        event: (event) => {
          say({ kind: 'event', event });
          told.event(event);
        },
        missed: () => {
          say({ kind: 'missed' });
          told.missed();
        },
        at: (position) => {
          last = position;
        },
        live: (now) => {
          live = now;
          say({ kind: 'live', live, last });
          told.live(now);
        },
      });
    } finally {
      window.clearInterval(saying);
      leads = false;
    }
  };

  const queue = async (steal: boolean) => {
    const lost = new AbortController();
    stop.addEventListener('abort', () => lost.abort(), { signal: lost.signal });
    if (!steal) waits = true;
    try {
      await navigator.locks.request(NAME, steal ? { steal } : { signal: stop }, () => {
        if (!steal) waits = false;
        return lead(lost.signal);
      });
    } catch {
      // The lock was taken from this window, which slept, or this window stops.
      lost.abort();
      leads = false;
      heard = Date.now();
      if (!stop.aborted && !waits) void queue(false);
    }
  };

  const watch = window.setInterval(() => {
    if (leads || Date.now() - heard < ASLEEP_MS) return;
    told.live(false);
    heard = Date.now();
    if (!document.hidden) void queue(true);
  }, 5_000 + Math.random() * 5_000); // not all at once
  stop.addEventListener('abort', () => {
    window.clearInterval(watch);
    channel.close();
  });
  say({ kind: 'hello' });
  void queue(false);
}
