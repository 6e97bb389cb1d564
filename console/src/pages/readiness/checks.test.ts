import { describe, expect, it } from 'vitest';
import { inOrder, place, verdict, type Check } from './checks';

const check = (name: string, state: Check['state']): Check => ({ name, state, title: name, found: '', todo: '', link: '' });

describe('readiness', () => {
  it('puts what has to be mended first', () => {
    const names = inOrder([check('a', 'ok'), check('b', 'warn'), check('c', 'unknown'), check('d', 'fail'), check('e', 'fail')]).map((c) => c.name);
    expect(names).toEqual(['d', 'e', 'c', 'b', 'a']);
  });

  it('never calls ready what is unknown', () => {
    expect(verdict([check('a', 'ok'), check('b', 'warn')])).toBe('ready: 1 warn, 1 are ok');
    expect(verdict([check('a', 'ok'), check('b', 'unknown')])).toBe('not ready: 1 are unknown, 1 are ok');
  });

  it('leads to a screen with its selector, and only names a page of the documentation', () => {
    expect(place("/console/assets?selector=asset.owner == ''")).toEqual({ kind: 'screen', href: "/console/assets?selector=asset.owner+%3D%3D+%27%27" });
    expect(place('docs/operators/backup.md')).toEqual({ kind: 'page', text: 'docs/operators/backup.md' });
    expect(place('')).toEqual({ kind: 'none' });
  });
});
