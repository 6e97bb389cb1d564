import { Code, Table, Text } from '@mantine/core';
import classes from './diff.module.css';
import { fieldChanges, lineChanges } from './diff';

const SIGNS = { added: '+', removed: '−', changed: '~', same: ' ' };

/** What a change did to each field that it touched: by sign and place, not by colour alone. */
export function FieldDiff({ before, after }: { before: unknown; after: unknown }) {
  const changes = fieldChanges(before, after);
  if (changes.length === 0) return <Text size="sm" c="dimmed">No field differs.</Text>;
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing={4} layout="fixed">
        <Table.Thead><Table.Tr><Table.Th>Field</Table.Th><Table.Th>Before</Table.Th><Table.Th>After</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.pointer} style={{ verticalAlign: 'top' }}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}><Text span size="sm" ff="monospace" aria-label={change.kind}>{SIGNS[change.kind]}</Text> <Text span size="sm">{change.pointer === '' ? 'all of it' : change.pointer.slice(1).replaceAll('/', ' / ').replaceAll('~1', '/').replaceAll('~0', '~')}</Text></Table.Td>
              <Table.Td>{change.before !== undefined && <Code className={classes.removed ?? ''}>{shown(change.before)}</Code>}</Table.Td>
              <Table.Td>{change.after !== undefined && <Code className={classes.added ?? ''}>{shown(change.after)}</Code>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Two texts as the lines that differ. */
export function LineDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = lineChanges(before, after);
  if (lines.length === 0) return <Text size="sm" c="dimmed">Nothing differs.</Text>;
  return (
    <div className={classes.lines} role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, index) => (
        <div key={index}>
          {line.skipped !== undefined && <div className={classes.skipped}>… {line.skipped} the same</div>}
          <div className={classes[line.kind]}><span aria-label={line.kind === 'same' ? '' : line.kind}>{SIGNS[line.kind]}</span> {line.text}</div>
        </div>
      ))}
    </div>
  );
}
