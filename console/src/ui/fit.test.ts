import { expect, test } from 'vitest';
import { fitting, least } from './fit';

const COLUMNS = [
  { key: 'id', width: 'minmax(10rem, 2fr)' },
  { key: 'seen', width: '6.5rem', wide: true },
  { key: 'state', width: '7.5rem' },
  { key: 'site', width: 'minmax(8rem, 1fr)', wide: true },
  { key: 'owner', width: '2rem', wide: true },
  { key: 'labels', width: 'minmax(12rem, 2fr)', wide: true, roomy: true },
];
const shown = (pixels: number) => fitting(COLUMNS, pixels).map(({ key }) => key);

test('the least of a track is told', () => {
  expect(['7rem', 'minmax(5.5rem, 1fr)', '1fr'].map(least)).toEqual([112, 88, 0]);
});

test('a list shows what it is nothing without, then as much as there is room for, in its order', () => {
  expect(shown(200)).toEqual(['id', 'state']);
  expect(shown(390)).toEqual(['id', 'seen', 'state']);
  expect(shown(450)).toEqual(['id', 'seen', 'state']); // the owner would fit, but stands behind the site
  expect(shown(512)).toEqual(['id', 'seen', 'state', 'site']);
  expect(shown(900)).toEqual(['id', 'seen', 'state', 'site', 'owner']);
  expect(shown(1600)).toEqual(COLUMNS.map(({ key }) => key));
});
