import { describe, expect, it } from 'vitest';
import { at, leaves } from './pointer';
import { line } from './shell';
import { bytes } from './size';
import { yaml } from './yaml';

describe('what is shown to be pasted', () => {
  it('quotes a word for a shell only where it must', () => {
    expect(line('muster', 'get', 'assets', undefined, '--selector', "asset.owner == 'x'")).toBe(
      String.raw`muster get assets --selector 'asset.owner == '\''x'\'''`,
    );
  });

  it('writes YAML that says what the JSON said', () => {
    expect(yaml({ kind: 'Rollout', on: 'yes', spec: { waves: [{ name: 'canary', count: 5 }], window: {}, note: 'a: b' } })).toBe(
      'kind: Rollout\n"on": "yes"\nspec:\n  waves:\n    - name: canary\n      count: 5\n  window: {}\n  note: "a: b"\n',
    );
  });

  it('shows sizes in powers of 1000', () => {
    expect([999, 1_000, 1_500_000, 123_400_000].map(bytes)).toEqual(['999 B', '1.0 kB', '1.5 MB', '123 MB']);
  });

  it('finds every leaf by its pointer, names with slashes among them', () => {
    const document = { a: { 'b/c': 1, 'd~e': [1, 2] }, f: null };
    expect(leaves(document).map((pointer) => [pointer, at(document, pointer)])).toEqual([['/a/b~1c', 1], ['/a/d~0e', [1, 2]], ['/f', null]]);
  });
});
