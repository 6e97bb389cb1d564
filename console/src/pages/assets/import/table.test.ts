import { describe, expect, it } from 'vitest';
import { guess, problems, read, write } from './table';

describe('a file of assets', () => {
  it('is read by comma, semicolon or tab, with quotes and lines in them', () => {
    const sheet = read('\ufeffid;type;note\r\na;pos;"two\nlines; ""quoted"""\r\n\r\nb;pos;\r\n');
    expect(sheet).toEqual({
      kind: 'CSV',
      columns: ['id', 'type', 'note'],
      rows: [{ line: 2, cells: ['a', 'pos', 'two\nlines; "quoted"'] }, { line: 5, cells: ['b', 'pos', ''] }],
    });
    expect(read('id\ttype\na\tpos').rows).toEqual([{ line: 2, cells: ['a', 'pos'] }]);
  });

  it('is read from JSON, one or many, a list or lines', () => {
    const columns = ['id', 'label.ring', 'floor'];
    const rows = [{ line: 1, cells: ['a', 'wide', ''] }, { line: 2, cells: ['b', '', '3'] }];
    expect(read('[{"id":"a","labels":{"ring":"wide"}},{"id":"b","floor":3}]')).toEqual({ kind: 'JSON', columns, rows });
    expect(read('{"items":[{"id":"a","labels":{"ring":"wide"}},{"id":"b","floor":3}]}').rows).toEqual(rows);
    expect(read('{"id":"a","labels":{"ring":"wide"}}\n{"id":"b","floor":3}\n').rows).toEqual(rows);
  });

  it('says what is wrong with it', () => {
    expect(() => read('id,type\n"a,pos')).toThrow('The quotation mark in line 2 is never closed.');
    expect(() => read('id,type\n"a"b,pos')).toThrow('Line 2 goes on after a closing quotation mark.');
    expect(() => read('[1]')).toThrow('Entry 1 is no object');
    expect(() => read('{"id":"a"}\n{"id":')).toThrow('Line 2 is no JSON');
    expect(() => read(' \n')).toThrow('nothing');
  });

  it('has columns that are known by other names', () => {
    const mapping = guess(['Device ID', 'type', 'labels.ring', 'Serial number', 'Store', 'Größe', 'lastSeen']);
    expect(mapping).toEqual([{ to: 'id' }, { to: 'type' }, { to: 'label', label: 'ring' }, { to: 'label', label: 'Serial-number' }, { to: 'site' }, { to: 'label', label: 'Gr-e' }, { to: '' }]);
    expect(problems(mapping, '')).toEqual([]);
    expect(problems([{ to: 'id' }, { to: 'owner' }, { to: 'owner' }], '')).toEqual(['No column is the type; choose one, or one type for all.', 'Two columns are owner.']);
  });

  it('is written as the server takes it, and a line of that leads back', () => {
    const sheet = read('name,Store,note\na,"Site, 1","x\ny"\nb,,z\n');
    const { csv, lines } = write(sheet, [{ to: 'id' }, { to: 'site' }, { to: 'label', label: 'note' }], 'pos');
    expect(csv).toBe('id,site,label.note,type\na,"Site, 1","x\ny",pos\nb,,z,pos\n');
    expect([...lines]).toEqual([[2, 2], [4, 4]]);
  });
});
