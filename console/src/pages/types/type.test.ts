import { expect, it } from 'vitest';
import { boundsOf, flat, originOf, parametersOf } from './type';

it('says between what a metric lies', () => {
  expect([{ min: 0, max: 90, unit: 'm/s' }, { min: 0 }, { max: 1, unit: '1' }, {}, { min: 0, max: 1_500_000, unit: 'Pa' }].map(boundsOf)).toEqual(['0 … 90 m/s', 'from 0', 'up to 1', '–', '0 … 1,500,000 Pa']);
});

it('says what a command takes', () => {
  expect(parametersOf({ required: ['bay'], properties: { bay: { type: 'integer', minimum: 1, maximum: 12 }, mode: { enum: ['a', 'b'] }, note: { type: 'string' } } })).toEqual(['bay: 1 to 12 (needed)', 'mode: a | b', 'note: string']);
});

it('lays a declaration out in lines', () => {
  expect(flat({ reporting: { seconds: 5 }, list: [1, 2], mode: 'manual' })).toEqual([['reporting.seconds', '5'], ['list', '[1,2]'], ['mode', 'manual']]);
});

it('says where a type is from', () => {
  const type = (status: unknown) => ({ apiVersion: '', kind: 'AssetType', metadata: { name: 'x' }, spec: {}, status }) as never;
  expect([{ shippedVersion: 2, modified: false }, { shippedVersion: 2, modified: true }, { shippedVersion: null }].map((status) => originOf(type(status)))).toEqual(['shipped, version 2', 'shipped, changed', 'your own']);
});
