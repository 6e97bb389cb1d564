import { expect, test } from 'vitest';
import { fieldChanges, lineChanges } from './diff';

test('of two documents only the fields that differ are told', () => {
  expect(fieldChanges({ a: 1, b: { c: 'x', d: [1] }, e: null }, { a: 1, b: { c: 'y', d: [1] }, f: {} })).toEqual([
    { pointer: '/b/c', kind: 'changed', before: 'x', after: 'y' },
    { pointer: '/e', kind: 'removed', before: null, after: undefined },
  ]);
  expect(fieldChanges(null, { a: 1 })).toEqual([{ pointer: '/a', kind: 'added', before: undefined, after: 1 }]);
  expect(fieldChanges({ a: 1 }, undefined).map((each) => each.kind)).toEqual(['removed']);
  expect(fieldChanges(undefined, null)).toEqual([]);
});

test('of two texts the lines that differ are told with those around them', () => {
  const text = (changed: string) => ['1', '2', '3', '4', '5', changed, '7', '8', '9', '10', '11'].join('\n');
  expect(lineChanges(text('6'), text('six')).map((line) => `${{ same: ' ', added: '+', removed: '-' }[line.kind]}${line.text}${line.skipped === undefined ? '' : ` after ${line.skipped}`}`)).toEqual([' 3 after 2', ' 4', ' 5', '-6', '+six', ' 7', ' 8', ' 9']);
  expect(lineChanges('a\nb', 'a\nb')).toEqual([]);
  expect(lineChanges('', 'a').filter((line) => line.kind === 'added').map((line) => line.text)).toEqual(['a']);
});
