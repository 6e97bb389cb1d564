import { Badge, Button, Card, Code, Group, List, SimpleGrid, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import { IconHandStop, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ProblemError, api, data, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Missing, Page } from '../../shell/Page';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { TabRow } from '../../ui/tabrow';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { RunTable } from './RunTable';
import { StartRunbook } from './StartRunbook';
import { declaredStep, guardsOf, runbookOf, triggersOf, type Runbook, type Spec } from './runbook';

/** What kinds of steps are called. */
const KINDS: Record<string, string> = { waitFor: 'waits', approve: 'asks a person' };

const route = getRouteApi('/runbooks/$name');

export default function RunbookPage() {
  const { name } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/runbooks/$name' });
  const answer = useQuery({ queryKey: ['runbooks', name], queryFn: () => data(api.GET('/api/v1/runbooks/{name}', { params: { path: { name } } })) });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`There is no runbook ${name}`} command="muster get runbooks">It was deleted; its runs are kept.</Missing>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  const book = runbookOf(answer.data);
  const tabs: { key: string; title: string; content: ReactNode }[] = [
    { key: 'steps', title: 'What it does', content: <Steps book={book} /> },
    { key: 'start', title: 'Plan and start', content: <StartRunbook book={book} /> },
    { key: 'runs', title: 'Runs', content: <RunTable query={{ runbook: name }} filtered={false} /> },
    { key: 'revisions', title: 'Revisions', content: <Revisions name={name} /> },
    { key: 'yaml', title: 'YAML', content: <Declared declared={answer.data} /> },
  ];
  const chosen = tabs.find((known) => known.key === tab) ?? tabs[0];
  return (
    <Page
      title={name}
      note={<>{book.spec.description ?? 'no description'}{book.revision !== undefined && <Text span inherit> · revision {book.revision}{book.shipped === undefined ? '' : ', as shipped'}</Text>}</>}
      actions={chosen?.key !== 'start' && <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => void navigate({ search: { tab: 'start' } })}>Plan and start…</Button>}
    >
      <Tabs value={chosen?.key ?? ''} onChange={(next) => void navigate({ search: next === null || next === 'steps' ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <TabRow chosen={chosen?.key ?? ''}>
          {tabs.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {tabs.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content}</Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}

function Steps({ book: { name, spec } }: { book: Runbook }) {
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <Sequence title="Steps" steps={spec.steps ?? []} />
          {(spec.onFailure?.length ?? 0) > 0 && <Sequence title="When that fails" steps={spec.onFailure ?? []} />}
        </Stack>
        <Stack gap="md">
          <Card>
            <Title order={2} mb={6}>Started</Title>
            <List size="sm" spacing={4}>
              {triggersOf(spec).map((trigger) => <List.Item key={trigger}>by {trigger}</List.Item>)}
              <List.Item>by hand, always</List.Item>
            </List>
            <Text size="sm" mt="sm">Acts on {spec.targets === undefined ? 'the assets that the labels of its alert name' : <Code>{spec.targets}</Code>}; it has to be through within {spec.timeout ?? '1h'}.</Text>
          </Card>
          <Card>
            <Title order={2} mb={6}>Guards</Title>
            <List size="sm" spacing={4} icon={<IconHandStop size={15} aria-hidden />}>
              {guardsOf(spec.guards).map(({ name: guard, says, declared }) => <List.Item key={guard}><Text span inherit {...(!declared && { c: 'dimmed' })}>{says}{!declared && ' (as always)'}</Text></List.Item>)}
            </List>
            <Text size="xs" c="dimmed" mt="sm">Two runs about the same never overlap. What an alert starts and a guard refuses is a run too, with the reason.</Text>
          </Card>
          <Parameters spec={spec} />
        </Stack>
      </SimpleGrid>
      <CommandLine label="same by command" command={line('muster', 'get', 'runbook', name, '-o', 'yaml')} />
    </Stack>
  );
}

function Sequence({ title, steps }: { title: string; steps: Record<string, unknown>[] }) {
  return (
    <Card>
      <Title order={2} mb="sm">{title}</Title>
      <Stack component="ol" gap={0} m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map(declaredStep).map((step, index) => (
          <Group key={step.name} component="li" wrap="nowrap" align="flex-start" gap="sm" py={8} style={index === 0 ? {} : { borderTop: '1px solid var(--mantine-color-default-border)' }}>
            <Text c="dimmed" size="sm" className="num" w={18} ta="right" style={{ flexShrink: 0 }}>{index + 1}</Text>
            <div style={{ minWidth: 0 }}>
              <Group gap={6}><Text fw={600} size="sm">{step.name}</Text><Badge size="xs" variant="default" tt="none">{KINDS[step.kind] ?? step.kind}</Badge>{step.touches && <Badge size="xs" variant="light" color="orange" tt="none" style={{ '--badge-color': 'light-dark(#7a3b00, var(--mantine-color-orange-3))' }}>changes something</Badge>}</Group>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{step.does}</Text>
              {step.rest.length > 0 && <Text size="xs" c="dimmed">{step.rest.join(' · ')}</Text>}
            </div>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function Parameters({ spec }: { spec: Spec }) {
  const all = Object.entries(spec.parameters ?? {});
  if (all.length === 0) return null;
  return (
    <Card>
      <Title order={2} mb={6}>Parameters</Title>
      <Table verticalSpacing={4}>
        <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Type</Table.Th><Table.Th>Without it</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {all.map(([name, { type, default: fallback, description }]) => (
            <Table.Tr key={name}>
              <Table.Td><Code>{name}</Code>{description && <Text size="xs" c="dimmed">{description}</Text>}</Table.Td>
              <Table.Td>{type ?? 'text'}</Table.Td>
              <Table.Td>{fallback === undefined ? 'has to be given' : <Code>{String(fallback)}</Code>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Revisions({ name }: { name: string }) {
  const list = usePages<Schemas['RunbookRevision']>(['runbooks', name, 'revisions'], `/api/v1/runbooks/${encodeURIComponent(name)}/revisions`, { limit: 20 });
  if (list.error) return <Problem what="Its revisions cannot be shown" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading revisions…" />;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">A run goes on as the runbook was when it started.</Text>
      {list.rows.map((revision, index) => (
        <Card key={revision.revision}>
          <details open={index === 0}>
            <summary><Text span fw={600} size="sm">revision {revision.revision}</Text> <Text span size="sm" c="dimmed">by {revision.actor} <Ago at={revision.at} /></Text></summary>
            <Code block mt="xs" tabIndex={0}>{yaml(revision.spec)}</Code>
          </details>
        </Card>
      ))}
      {list.hasNextPage && <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} style={{ alignSelf: 'flex-start' }}>Older</Button>}
    </Stack>
  );
}

function Declared({ declared }: { declared: Schemas['DeclaredObject'] }) {
  const { name } = declared.metadata;
  return (
    <Stack gap="sm">
      <YamlField label={`${name} as YAML`} title="As it is declared" value={yaml({ apiVersion: declared.apiVersion, kind: declared.kind, metadata: { name }, spec: declared.spec })} />
      <CommandLine label="its own test cases" command="muster runbook test FILE" />
    </Stack>
  );
}
