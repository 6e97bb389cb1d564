import { expect, test } from 'vitest';
import { heights } from './expiry';

test('a single certificate is seen beside a hundred thousand', () => {
  expect(heights([1, 0, 100_000, 25_000])).toEqual([4, 0, 100, 50]);
  expect(heights([0, 0])).toEqual([0, 0]);
});
