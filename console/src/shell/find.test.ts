import { describe, expect, it } from 'vitest';
import { best } from './find';

const titles = (typed: string) =>
  best([{ title: 'Releases' }, { title: 'pos-1.4.2', words: 'release published' }, { title: 'Pre-release checks' }, { title: 'Alerts', words: 'alarms pages' }], typed, 9).map(({ title }) => title);

describe('what the palette finds', () => {
  it('puts first what begins with what was typed, then words of it, then what is said about it', () => {
    expect(titles('rel')).toEqual(['Releases', 'Pre-release checks', 'pos-1.4.2']);
  });

  it('needs every word that was typed, in any order', () => {
    expect(titles('published 1.4')).toEqual(['pos-1.4.2']);
    expect(titles('published 2.0')).toEqual([]);
  });

  it('is everything, as it came, before anything is typed', () => {
    expect(titles('')).toEqual(['Releases', 'pos-1.4.2', 'Pre-release checks', 'Alerts']);
  });
});
