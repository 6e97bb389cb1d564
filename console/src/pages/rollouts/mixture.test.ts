import { expect, test } from 'vitest';
import { mixture, mixtures } from './mixture';

const EU = { values: { region: 'eu', hardware: 'rev-a' }, targets: 3 };
const BARE = { values: { region: '', hardware: 'rev-b' }, targets: 1 };

test('a mixture is its values; what an asset does not have is not left out', () => {
  expect(mixture(EU)).toBe('eu/rev-a');
  expect(mixture(BARE)).toBe('–/rev-b');
  expect(mixture(BARE, true)).toBe('region –, hardware rev-b');
});

test('several are told as a sentence, and how many are not shown', () => {
  expect(mixtures([EU], 5)).toBe('the 3 eu/rev-a');
  expect(mixtures([EU, BARE], 5)).toBe('the 3 eu/rev-a and the 1 –/rev-b');
  expect(mixtures([EU, BARE, EU, EU], 2)).toBe('the 3 eu/rev-a, the 1 –/rev-b and 2 more mixtures');
});
