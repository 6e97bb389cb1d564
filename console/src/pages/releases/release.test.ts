import { expect, test } from 'vitest';
import { licences, matching, partsOf } from './sbom';
import { signersOf, type Signed } from './tuf';

test('components are listed with those within them, and counted by licence', () => {
  const parts = partsOf({
    components: [
      { type: 'library', group: 'org.x', name: 'log', version: '2.1', purl: 'pkg:maven/org.x/log@2.1', licenses: [{ license: { id: 'Apache-2.0' } }] },
      { name: 'app', version: '1', licenses: [{ expression: 'MIT OR BSD-2-Clause' }], components: [{ name: 'inner', version: '0' }] },
    ],
  });
  expect(parts.map((part) => `${part.name} ${part.licence}`)).toEqual(['app MIT OR BSD-2-Clause', 'inner ', 'org.x/log Apache-2.0']);
  expect(licences(parts).map((each) => each.licence)).toEqual(['MIT OR BSD-2-Clause', '', 'Apache-2.0']);
  expect(matching(parts, 'LOG 2.1', undefined).map((part) => part.name)).toEqual(['org.x/log']);
  expect(matching(parts, '', '').map((part) => part.name)).toEqual(['inner']);
  expect(partsOf(null)).toEqual([]);
});

test('of each role it is told which of its keys have signed', () => {
  const file = (version: number, by: string[], more: object = {}): Signed => ({ signatures: by.map((keyid) => ({ keyid, sig: 'ab' })), signed: { _type: 'targets', version, expires: '2030-01-01T00:00:00Z', ...more } });
  const found = signersOf('app', {
    root: file(2, ['r1'], { roles: { root: { keyids: ['r1'], threshold: 1 }, targets: { keyids: ['t1', 't2'], threshold: 2 } } }),
    targets: file(5, ['t1', 't2'], { delegations: { roles: [{ name: 'releases-app', keyids: ['a1', 'a2', 'a3'], threshold: 2 }] } }),
    own: file(9, ['a1', 'a3', 'stranger']),
  });
  expect(found.map(({ role, threshold, keys }) => [role, threshold, keys.filter((key) => key.signed).map((key) => key.id)])).toEqual([
    ['releases-app', 2, ['a1', 'a3']],
    ['targets', 2, ['t1', 't2']],
    ['root', 1, ['r1']],
  ]);
});
