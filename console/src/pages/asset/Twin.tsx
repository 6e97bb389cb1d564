import { Accordion, Alert, Badge, Checkbox, Code, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Ago, Since, span } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { Section } from './AssetPage';
import { twinFields, type TwinField } from './twinFields';

type TwinView = Schemas['TwinView'];

/** What the asset should be against what it says it is. */
export function Twin({ id }: { id: string }) {
  const answer = useQuery({
    queryKey: ['twin', id],
    queryFn: () => data(api.GET('/api/v1/assets/{id}/twin', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  if (answer.error && !answer.data) return <Problem what="The twin cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="comparing…" />;
  const twin = answer.data;
  return (
    <Stack gap="md">
      <Standing twin={twin} />
      <Fields twin={twin} />
      <History twin={twin} />
      <CommandLine label="same by command" command={`muster twin ${id} --history`} />
    </Stack>
  );
}

/** How it stands, since when, why, and what is done about it. */
function Standing({ twin }: { twin: TwinView }) {
  const { desired, reported, reconciliation: settling } = twin;
  return (
    <Section title="Desired against reported">
      <Stack gap="sm">
        <Group gap="xs">
          <State value={twin.state} />
          <Text size="sm" c="dimmed">for <Since at={twin.since} />{twin.reason ? `: ${twin.reason}` : ''}</Text>
        </Group>
        {reported?.rejected && (
          <Alert color={twin.state === 'rejected' ? 'red' : 'gray'} icon={<IconAlertTriangle />} title={`It did not keep generation ${reported.rejected.generation}`}>
            <Text size="sm">{reported.rejected.reason}</Text>
          </Alert>
        )}
        {settling?.stalled && <Alert color="red" icon={<IconAlertTriangle />} title="Muster has given up to bring it back"><Text size="sm" style={{ overflowWrap: 'anywhere' }}>{settling.stalled}</Text></Alert>}
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          <Fact name="Desired generation" value={desired ? <>{desired.generation}, <Ago at={desired.since} /></> : 'nothing is desired'} />
          <Fact name="Because" value={desired?.reason ?? '–'} />
          <Fact name="Reported generation" value={reported ? <>{reported.generation ?? 'none'}, <Ago at={reported.received} /></> : 'it never reported'} />
          <Fact name="Its report is" value={reported ? (reported.fresh ? 'fresh' : 'stale, nothing is told from it') : '–'} />
          <Fact name="Its clock" value={clock(reported)} />
          <Fact name="Brought back" value={settling && settling.attempts > 0 ? <>{settling.attempts} {settling.attempts === 1 ? 'time' : 'times'}{settling.next ? <>, again <Ago at={settling.next} /></> : ''}</> : 'no attempt'} />
        </SimpleGrid>
        {reported !== undefined && reported.ignored > 0 && (
          <Text size="xs" c="dimmed">{reported.ignored} {reported.ignored === 1 ? 'report that came late was' : 'reports that came late were'} not taken{reported.ignoredReason ? `; the last one: ${reported.ignoredReason}` : ''}.</Text>
        )}
      </Stack>
    </Section>
  );
}

function clock(reported: TwinView['reported']): string {
  const offset = reported?.clockOffsetSeconds;
  if (offset === undefined || offset === null) return 'not told';
  return reported?.clockSkewed ? `${span(offset)} ${offset > 0 ? 'ahead' : 'behind'}` : 'right';
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text size="sm">{value}</Text>
    </div>
  );
}

function Fields({ twin }: { twin: TwinView }) {
  const [all, setAll] = useState(false);
  const fields = useMemo(() => twinFields(twin), [twin]);
  const beyond = fields.filter((field) => field.verdict === 'only reported').length;
  const shown = all ? fields : fields.filter((field) => field.verdict !== 'only reported');
  return (
    <Section
      title="Field by field"
      actions={beyond > 0 && <Checkbox size="xs" radius="sm" label={`also ${beyond} only reported, which is no drift`} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />}
    >
      {shown.length === 0 ? (
        <Empty title="Nothing is desired of it" command="muster apply -f configuration.yaml">The baseline of its type is empty, and no configuration of its groups or of itself says otherwise.</Empty>
      ) : (
        <Table.ScrollContainer minWidth={720}>
          <Table verticalSpacing={6}>
            <Table.Thead><Table.Tr><Table.Th>Field</Table.Th><Table.Th>Desired</Table.Th><Table.Th>Reported</Table.Th><Table.Th>Is</Table.Th><Table.Th>From</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {shown.map((field) => (
                <Table.Tr key={field.field} {...(field.verdict === 'differs' ? { bg: 'light-dark(var(--mantine-color-orange-0), rgba(255, 146, 43, 0.12))' } : {})}>
                  <Table.Td><Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>{field.field}</Text></Table.Td>
                  <Table.Td><Value value={field.desired} /></Table.Td>
                  <Table.Td><Value value={field.reported} /></Table.Td>
                  <Table.Td miw={120}><Verdict field={field} /></Table.Td>
                  <Table.Td><Origin field={field} /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {twin.differing > twin.drift.length && <Text size="xs" c="dimmed">{twin.differing - twin.drift.length} more differ than are listed.</Text>}
    </Section>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return <Text size="sm" c="dimmed">–</Text>;
  return <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>{typeof value === 'string' ? value : JSON.stringify(value)}</Text>;
}

function Verdict({ field }: { field: TwinField }) {
  switch (field.verdict) {
    case 'differs':
      return <Badge color="orange" variant="light" radius="sm" tt="none" leftSection={<IconX size={13} aria-hidden />} {...(field.reason ? { title: field.reason } : {})}>differs</Badge>;
    case 'same':
      return <Badge color="teal" variant="light" radius="sm" tt="none" leftSection={<IconCheck size={13} aria-hidden />}>same</Badge>;
    case 'not compared':
    case 'only reported':
      return <Badge color="gray" variant="light" radius="sm" tt="none" leftSection={<IconMinus size={13} aria-hidden />}>{field.verdict}</Badge>;
  }
}

const POLICIES: Record<string, string> = { enforce: 'brought back', report: 'only shown', accept: 'accepted' };

function Origin({ field }: { field: TwinField }) {
  if (field.origin === undefined) return <Text size="sm" c="dimmed">–</Text>;
  const [layer, name] = field.origin.split(/\/(.*)/s);
  return (
    <>
      {layer === 'configuration' && name ? (
        <LinkText to="/configurations/$name" params={{ name }} size="sm">{field.origin}</LinkText>
      ) : (
        <Text size="sm">{field.origin}</Text>
      )}
      {field.policy && <Text size="xs" c="dimmed">a difference is {POLICIES[field.policy] ?? field.policy}</Text>}
    </>
  );
}

function History({ twin }: { twin: TwinView }) {
  return (
    <Section title="How it came so">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Entries
          title="Desired"
          none="Nothing was ever desired."
          entries={twin.history.desired.map((entry) => ({
            key: String(entry.generation),
            head: <>generation {entry.generation}: {entry.reason}</>,
            at: entry.at,
            document: entry.document,
          }))}
        />
        <Entries
          title="Reported"
          none="It never reported."
          entries={twin.history.reported.map((entry, index) => ({
            key: `${entry.received}${index}`,
            head: <>generation {entry.generation ?? 'none'}{entry.differing > 0 ? `, ${entry.differing} ${entry.differing === 1 ? 'field differs' : 'fields differ'}` : ', nothing differs'}</>,
            at: entry.received,
            document: entry.report,
          }))}
        />
      </SimpleGrid>
      {twin.decisions.length > 0 && (
        <Table.ScrollContainer minWidth={520} mt="md">
          <Table>
            <Table.Thead><Table.Tr><Table.Th>When</Table.Th><Table.Th>Muster decided</Table.Th><Table.Th>Generation</Table.Th><Table.Th>With</Table.Th><Table.Th>Outcome</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {twin.decisions.map((decision, index) => (
                <Table.Tr key={`${decision.at}${index}`}>
                  <Table.Td><Ago at={decision.at} /></Table.Td>
                  <Table.Td>{decision.action.replaceAll('_', ' ')}</Table.Td>
                  <Table.Td className="num">{decision.generation}</Table.Td>
                  <Table.Td><Code fz={11} style={{ overflowWrap: 'anywhere' }}>{JSON.stringify(decision.inputs)}</Code></Table.Td>
                  <Table.Td>{decision.outcome}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}

type Entry = { key: string; head: ReactNode; at: string; document: unknown };

function Entries({ title, none, entries }: { title: string; none: string; entries: Entry[] }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>{title}</Text>
      {entries.length === 0 && <Text size="sm" c="dimmed">{none}</Text>}
      <Accordion variant="contained" chevronPosition="left" order={3}>
        {entries.map((entry) => (
          <Accordion.Item key={entry.key} value={entry.key}>
            <Accordion.Control>
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm" truncate>{entry.head}</Text>
                <Text size="xs" c="dimmed"><Ago at={entry.at} /></Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Code block fz={12}>{entry.document === undefined || entry.document === null ? 'nothing is desired' : yaml(entry.document)}</Code>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </div>
  );
}
