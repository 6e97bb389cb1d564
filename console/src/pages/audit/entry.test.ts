import { describe, expect, it } from 'vitest';
import { actorOf, kindOf, nameOf, type Entry } from './entry';

const ID = '01a21873-c104-76cd-a18e-6350eb2c8b23';
const of = (objectKind: string, more: Partial<Entry> = {}): Entry => ({ id: 1, at: '2026-11-26T15:00:00Z', actor: 'ann', actorKind: 'token', action: 'x.y', objectKind, objectName: ID, ...more }) as Entry;

describe('an entry of the audit trail', () => {
  it('names an object that has only an id by what is told of it', () => {
    expect([
      nameOf(of('silence', { after: { comment: 'the oven is repaired', matchers: ['asset="oven-1"'] } })),
      nameOf(of('silence', { before: { comment: '', matchers: ['asset="oven-1"', 'alertname="Hot"'] } })),
      nameOf(of('command-run', { after: { name: 'show-message' } })),
      nameOf(of('claim-token', { before: { name: 'till-line' }, after: { revoked: true } })),
      nameOf(of('import', { after: { created: 1, updated: 1200 } })),
      nameOf(of('asset-change', { after: { selection: { selector: "asset.type == 'pos'" } } })),
    ]).toEqual(['the oven is repaired', 'asset="oven-1", alertname="Hot"', 'show-message', 'till-line', '1 asset new, 1,200 changed', "asset.type == 'pos'"]);
  });

  it('shortens what only a machine reads, and leaves names alone', () => {
    expect([nameOf(of('silence')), nameOf(of('artifact', { objectName: 'a'.repeat(64) })), nameOf(of('asset', { objectName: 'truck-1' })), nameOf(of('token', { objectName: 'first-admin-20261126T151827.129Z' }))]).toEqual([
      '…6350eb2c8b23', 'aaaaaaaaaaaa…', 'truck-1', 'first-admin',
    ]);
  });

  it('calls a claim token that did something by its name', () => {
    const entry = of('asset', { actorKind: 'claim-token', actor: ID });
    expect([actorOf(entry, new Map([[ID, 'till-line']])), actorOf(entry, new Map()), actorOf(of('asset'), new Map())]).toEqual(['claim token till-line', 'claim token …6350eb2c8b23', 'ann']);
  });

  it('says a kind in words', () => {
    expect(['alert-rule', 'asset_type', 'asset'].map(kindOf)).toEqual(['alert rule', 'asset type', 'asset']);
  });
});
