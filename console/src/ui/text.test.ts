import { describe, expect, it } from 'vitest';
import { curl } from './curl';
import { at, leaves } from './pointer';
import { line } from './shell';
import { bytes } from './size';
import { called, many, saidAs } from './words';
import { yaml } from './yaml';

describe('what is shown to be pasted', () => {
  it('quotes a word for a shell only where it must', () => {
    expect(line('muster', 'get', 'assets', undefined, '--selector', "asset.owner == 'x'")).toBe(
      String.raw`muster get assets --selector 'asset.owner == '\''x'\'''`,
    );
  });

  it('writes a request for curl, with a variable where the token belongs', () => {
    expect(curl({ path: "/api/v1/assets?q=o'x&limit=5" }, 'https://muster.example')).toBe(
      String.raw`curl -fsS -H "Authorization: Bearer $MUSTER_TOKEN" 'https://muster.example/api/v1/assets?q=o%27x&limit=5'`,
    );
    expect(curl({ path: '/api/v1/silences', method: 'POST', body: { comment: "it's me" } }, 'http://127.0.0.1:8080')).toBe(
      String.raw`curl -fsS -X POST -H "Authorization: Bearer $MUSTER_TOKEN" -H 'Content-Type: application/json' -d '{"comment":"it'\''s me"}' http://127.0.0.1:8080/api/v1/silences`,
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

  it('says one of one, and more of none and of many', () => {
    expect([many(0, 'asset'), many(1, 'asset'), many(1204, 'alert of it is', 'alerts of it are')]).toEqual(['0 assets', '1 asset', `${(1204).toLocaleString()} alerts of it are`]);
  });

  it('writes the answer of a machine on one line', () => {
    expect([{ text: 'Back soon', seconds: 60, more: [1] }, 'done', [1, 2]].map(saidAs)).toEqual(['text: Back soon, seconds: 60, more: [1]', 'done', '[1,2]']);
  });

  it('leaves out when the first administrator was made', () => {
    expect(['token first-admin-20261126T134255.523Z', 'first-admin-20261126T134255Z', 'ann'].map(called)).toEqual(['token first-admin', 'first-admin', 'ann']);
  });

  it('finds every leaf by its pointer, names with slashes among them', () => {
    const document = { a: { 'b/c': 1, 'd~e': [1, 2] }, f: null };
    expect(leaves(document).map((pointer) => [pointer, at(document, pointer)])).toEqual([['/a/b~1c', 1], ['/a/d~0e', [1, 2]], ['/f', null]]);
  });
});
