import { describe, expect, it } from 'vitest';
import { nameOf } from './keymap';

const key = (name: string, held: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) =>
  nameOf({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...held });

describe('a key of a screen', () => {
  it('is named by what it writes, so that it is the same on every keyboard', () => {
    expect([key('j'), key('R'), key('?'), key('ArrowDown')]).toEqual(['j', 'R', '?', 'ArrowDown']);
  });

  it('is the same with Ctrl and with ⌘, and another one without', () => {
    expect([key('Enter', { ctrlKey: true }), key('K', { metaKey: true }), key('k')]).toEqual(['mod+enter', 'mod+k', 'k']);
  });

  it('is none of ours with Alt, which belongs to the browser', () => {
    expect(key('j', { altKey: true })).toBeUndefined();
  });
});
