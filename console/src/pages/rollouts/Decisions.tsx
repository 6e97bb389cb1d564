import { Badge, Button, Card, Group, Stack, Table, Text } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { isLive, type Rollout } from './rollout';

/** Every decision with what it was worked out from: the explanation of the rollout. */
export function Decisions({ rollout }: { rollout: Rollout }) {
  const list = usePages<Schemas['StoredDecision']>(['rollouts', rollout.name, 'decisions'], `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/decisions`, { limit: 1000 }, isLive(rollout.status.phase) ? 5_000 : false);
  if (list.error) return <Problem what="The decisions cannot be shown" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading decisions…" />;
  if (list.rows.length === 0) return <Card><Empty title="Nothing was decided yet" /></Card>;
  return (
    <Stack gap="sm">
      <Card padding="xs">
        <Table.ScrollContainer minWidth={720}>
          <Table verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr><Table.Th>When</Table.Th><Table.Th>What</Table.Th><Table.Th>Wave</Table.Th><Table.Th>Outcome</Table.Th><Table.Th>Because</Table.Th><Table.Th>By</Table.Th></Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.rows.map((decision) => (
                <Table.Tr key={decision.seq} style={{ verticalAlign: 'top' }}>
                  <Table.Td><Ago at={decision.at} /></Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>{decision.kind.replaceAll('_', ' ')}</Table.Td>
                  <Table.Td>{rollout.status.waves[decision.wave]?.name ?? '–'}</Table.Td>
                  <Table.Td>{decision.kind === 'gate' ? <State value={decision.outcome} /> : <Text size="sm" style={{ whiteSpace: 'nowrap' }}>{decision.outcome.replaceAll('_', ' ')}</Text>}</Table.Td>
                  <Table.Td>
                    <Text size="sm">{called(decision.reason)}</Text>
                    <Values title="with" values={decision.inputs} />
                    <Values title="against" values={decision.threshold} />
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere', minWidth: '6.5rem' }}>{called(decision.actor.replace(/^system system$|^token /, (kind) => (kind === 'token ' ? '' : 'system')))}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
      {list.hasNextPage && <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>Later decisions</Button>}
      <CommandLine label="same by command" command={`muster explain rollout ${rollout.name}`} />
    </Stack>
  );
}

/** What inputs and thresholds are called; what is not listed stands as the server has it. */
const WORDS: Record<string, string> = { underWay: 'under way', indeterminate: 'cannot be told', failedPercent: 'failed %', failedPercentUpper95: 'at most failed % (95 %)', failed: 'failed', samples: 'samples', inFlight: 'under way' };

/** Inputs or thresholds of a decision, as they were at that moment. */
function Values({ title, values }: { title: string; values: unknown }) {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return null;
  return (
    <Group gap={4} mt={4}>
      <Text size="xs" c="dimmed">{title}</Text>
      {entries.map(([name, value]) => (
        <Badge key={name} variant="default" radius="sm" size="sm" tt="none" fw={400}>{WORDS[name] ?? name} {typeof value === 'object' ? JSON.stringify(value) : String(value)}</Badge>
      ))}
    </Group>
  );
}
