import { expect, test } from 'vitest';
import { columnsOf, metricsIn, offered } from './columns';
import { CHUNK, chunksOf } from './latest';

const NOTHING = { latest: new Map(), metrics: {} };

test('columns of labels, software and metrics are named by the address; what is unknown is left out', () => {
  const keys = ['type', 'labels.ring', 'software.app', 'metrics.engine.rpm', 'nonsense', 'labels.', 'metrics.'];
  expect(columnsOf(keys, NOTHING).map(({ key }) => key)).toEqual(['id', 'type', 'labels.ring', 'software.app', 'metrics.engine.rpm']);
  expect(metricsIn(keys)).toEqual(['engine.rpm']);
});

test('a metric is offered for its type only, unless it is shown already', () => {
  const none = offered({ labels: ['ring'], software: ['app'], metrics: [] }, []);
  expect(none.filter(({ kind }) => kind === 'metric')).toEqual([]);
  expect(none.filter(({ kind }) => kind === 'version').map(({ key }) => key)).toEqual(['software.app']);
  expect(offered({ labels: [], software: [], metrics: ['speed'] }, ['metrics.gone', 'metrics.speed']).filter(({ kind }) => kind === 'metric').map(({ key }) => key)).toEqual(['metrics.speed', 'metrics.gone']);
});

test('names that an address could not hold between spaces are not offered', () => {
  expect(offered({ labels: ['two words'], software: ['a b'], metrics: [] }, []).filter(({ kind }) => kind !== undefined)).toEqual([]);
});

test('the rows in view are asked for in whole chunks, and none beyond the end', () => {
  const ids = Array.from({ length: CHUNK * 2 + 3 }, (_, index) => `a${index}`);
  expect(chunksOf(ids, 3, 20).map((chunk) => chunk.length)).toEqual([CHUNK]);
  expect(chunksOf(ids, CHUNK - 1, CHUNK).map((chunk) => chunk[0])).toEqual(['a0', `a${CHUNK}`]);
  expect(chunksOf(ids, CHUNK * 2, CHUNK * 9).map((chunk) => chunk.length)).toEqual([3]);
  expect(chunksOf([], 0, 0)).toEqual([]);
});
