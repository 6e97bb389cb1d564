/** Something that happened is shown within a second; what goes on happening is asked for ever less often, as long as it goes on. */
export const SOON_MS = 1_000;
export const MOST_MS = 10_000;

type Turn = { timer: number | undefined; pause: number; asked: number };

/**
 * When to ask again for what is shown. After a calm a change is asked for within a second; while changes go on each pause is twice the one
 * before, to ten seconds: what an open screen costs the server does not grow with how much happens in the fleet.
 */
export class Pace {
  readonly #turns = new Map<string, Turn>();

  constructor(
    private readonly ask: (key: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Something happened that concerns the key. */
  due(key: string): void {
    const turn = this.#turns.get(key) ?? { timer: undefined, pause: SOON_MS, asked: 0 };
    this.#turns.set(key, turn);
    if (turn.timer !== undefined) return;
    if (this.now() - turn.asked > 2 * turn.pause) turn.pause = SOON_MS;
    turn.timer = globalThis.setTimeout(() => {
      turn.timer = undefined;
      turn.asked = this.now();
      turn.pause = Math.min(turn.pause * 2, MOST_MS);
      this.ask(key);
    }, turn.pause) as unknown as number;
  }

  stop(): void {
    this.#turns.forEach(({ timer }) => globalThis.clearTimeout(timer));
    this.#turns.clear();
  }
}
