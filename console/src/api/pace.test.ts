import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from './pace';

describe('the pace of asking again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const asked = (run: (pace: Pace) => void) => {
    const at: string[] = [];
    const begun = Date.now();
    const pace = new Pace((key) => at.push(`${key} ${(Date.now() - begun) / 1000}`));
    run(pace);
    return at;
  };

  it('follows a single change within a second, however many entries it has', () => {
    expect(asked((pace) => {
      for (let entry = 0; entry < 50; entry++) pace.due('assets');
      vi.advanceTimersByTime(60_000);
    })).toEqual(['assets 1']);
  });

  it('slows down while changes go on, and is quick again after a calm', () => {
    expect(asked((pace) => {
      for (let second = 0; second < 60; second++) {
        pace.due('assets');
        vi.advanceTimersByTime(1_000);
      }
      vi.advanceTimersByTime(60_000);
      pace.due('assets');
      vi.advanceTimersByTime(60_000);
    })).toEqual(['assets 1', 'assets 3', 'assets 7', 'assets 15', 'assets 25', 'assets 35', 'assets 45', 'assets 55', 'assets 65', 'assets 121']);
  });

  it('keeps what is busy from slowing down what is not', () => {
    expect(asked((pace) => {
      for (let second = 0; second < 20; second++) {
        pace.due('assets');
        if (second === 18) pace.due('rollouts');
        vi.advanceTimersByTime(1_000);
      }
    }).at(-1)).toBe('rollouts 19');
  });

  it('asks for nothing once it is stopped', () => {
    expect(asked((pace) => {
      pace.due('assets');
      pace.stop();
      vi.advanceTimersByTime(60_000);
    })).toEqual([]);
  });
});
