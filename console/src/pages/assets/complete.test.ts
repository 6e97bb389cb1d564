import { describe, expect, it } from 'vitest';
import { isSelector } from './cel';
import { placeOf, proposals, taken } from './complete';
import { chosenLines, selectionOf, selectorOf, toggled, validSearch } from './search';

const KNOWN = { labels: ['ring', 'rack/row', 'plant'], software: ['app', 'muster-agent'] };

/** What is proposed where the | stands. */
function at(marked: string, values: { value: string; assets: number }[] = []): string[] {
  const cursor = marked.indexOf('|');
  return proposals(placeOf(marked.replace('|', ''), cursor), KNOWN, values).map(({ label }) => label);
}

describe('a selector is completed', () => {
  it('by names of fields, labels and components', () => {
    expect(at('reg|')).toEqual(['asset.region']);
    expect(at('asset.pres|')).toEqual(['asset.presence', 'asset.presenceSince']);
    expect(at("asset.type == 'pos' && ri|")).toEqual(['asset.labels.ring', 'asset.drift']);
    expect(at('asset.labels.r|')).toEqual(['ring', 'rack/row']);
    expect(at('asset.software.|')).toEqual(['app', 'muster-agent']);
  });

  it('by operators that fit the field', () => {
    expect(at('asset.region |')[0]).toBe("== ''");
    expect(at('asset.lastSeen |')[0]).toBe("< now - duration('1h')");
    expect(at('asset.drift |')).toEqual(['> 0', '== 0']);
    expect(at('asset.software.app |')).toContain(".atLeast('')");
    expect(at('asset.labels |')).toEqual([]);
  });

  it('by values of the field, in quotes whatever they hold', () => {
    const place = placeOf("asset.region == 'e'", 18);
    expect(place).toEqual({ kind: 'value', of: 'region', from: 16, to: 19, word: 'e' });
    const [first] = proposals(place, KNOWN, [{ value: "l'est", assets: 3 }]);
    expect(first && taken("asset.region == 'e'", first)).toEqual({ text: "asset.region == 'l\\'est'", cursor: 24 });
    expect(placeOf("asset.labels['rack/row'] in ['a', 'b", 36)).toMatchObject({ kind: 'value', of: 'labels.rack/row', word: 'b' });
    expect(at("'a quoted word|")).toEqual([]);
  });

  it('by what joins two conditions', () => {
    expect(at("asset.type == 'pos' |")).toEqual(['&&', '||']);
    expect(at('asset.drift > 0 |')).toEqual(['&&', '||']);
  });
});

describe('the address of the list', () => {
  it('is words or a selector, by what was typed', () => {
    expect(['pos-1', 'eu berlin', 'assets'].map(isSelector)).toEqual([false, false, false]);
    expect(["asset.type == 'pos'", 'has(asset.labels.ring)', 'true'].map(isSelector)).toEqual([true, true, true]);
  });

  it('stands for one selector', () => {
    const search = validSearch({ selector: "a || b", presence: 'online', f: ['region=eu', 'region=', 'labels.rack/row=1', 'labels.ring=', 'nonsense'], sort: 'name' });
    expect(search.sort).toBeUndefined();
    expect(selectorOf(search)).toBe(
      "(a || b) && asset.presence == 'online' && (asset.region == '' || asset.region == 'eu') && asset.labels['rack/row'] == '1' && !('ring' in asset.labels)",
    );
    expect(chosenLines(search)).toEqual(['presence=online', 'region=eu', 'region=', 'labels.rack/row=1', 'labels.ring=']);
  });

  it('takes a value in and out, and forgets the ticks with it', () => {
    const search = validSearch({ presence: 'online', sel: ['a'] });
    expect(toggled(search, 'presence', 'stale')).toEqual({ f: ['presence=online', 'presence=stale'] });
    expect(toggled(search, 'presence', 'online')).toEqual({});
  });

  it('names the chosen assets', () => {
    expect(selectionOf({ sel: ['a', 'b'] })).toBe("asset.id in ['a', 'b']");
    expect(selectionOf({ sel: 'all' })).toBe('true');
    expect(selectionOf({ sel: 'all', f: ['type=pos'] })).toBe("asset.type == 'pos'");
  });
});
