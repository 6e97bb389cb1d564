import { Card, Code, Group, SimpleGrid, Stack, Table, Tabs, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ProblemError, api, data, type Schemas } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { TabRow } from '../../ui/tabrow';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { useCounts } from './Types';
import { boundsOf, flat, originOf, parametersOf, specOf, type TypeSpec } from './type';

const route = getRouteApi('/types/$name');

const TABS: { key: string; title: string; content: (type: Schemas['DeclaredObject'], spec: TypeSpec) => ReactNode }[] = [
  { key: 'metrics', title: 'Metrics', content: (_, spec) => <Metrics spec={spec} /> },
  { key: 'commands', title: 'Commands', content: (_, spec) => <Commands spec={spec} /> },
  { key: 'limits', title: 'Limits and policy', content: (_, spec) => <Limits spec={spec} /> },
  { key: 'lifecycle', title: 'Lifecycle', content: () => <Lifecycle /> },
  { key: 'yaml', title: 'YAML', content: (type) => <Yaml type={type} /> },
];

/** One type: what its assets report, take and need. */
export default function TypePage() {
  const { name } = route.useParams();
  const { tab = 'metrics' } = route.useSearch();
  const navigate = useNavigate({ from: '/types/$name' });
  const answer = useQuery({ queryKey: ['asset-types', name], queryFn: () => data(api.GET('/api/v1/asset-types/{name}', { params: { path: { name } } })), staleTime: 60_000 });
  const counts = useCounts();
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`${name} is not a type`} command="muster get asset-types">It was deleted, or has another name.</Missing>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  const type = answer.data;
  const spec = specOf(type);
  const assets = counts.data === undefined ? undefined : (counts.data.get(name) ?? 0);
  return (
    <Page title={name} note={<>{spec.description ?? 'A type of assets'} · {originOf(type)} · changed <Ago at={type.metadata.updated} /></>}>
      <Card>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          <Fact name="Assets" value={assets === undefined ? '…' : <LinkText to="/assets" search={{ f: [`type=${name}`] }} size="sm">{assets.toLocaleString()}</LinkText>} />
          <Fact name="Criticality" value={spec.criticality ?? 'medium (standard)'} />
          <Fact name="Heard of every" value={spec.heartbeat?.interval ?? '30s (standard)'} />
          <Fact name="Stale after" value={spec.heartbeat?.ttl ?? 'three intervals (standard)'} />
          <Fact name="Metrics" value={Object.keys(spec.telemetry?.metrics ?? {}).length} />
          <Fact name="Others that one may add" value={spec.telemetry?.unknownMetricsLimit ?? 'standard'} />
        </SimpleGrid>
      </Card>
      <Tabs value={TABS.some((known) => known.key === tab) ? tab : 'metrics'} onChange={(next) => void navigate({ search: { tab: next ?? 'metrics' }, replace: true })} keepMounted={false}>
        <TabRow chosen={TABS.some((known) => known.key === tab) ? tab : 'metrics'}>
          {TABS.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {TABS.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content(type, spec)}</Tabs.Panel>)}
      </Tabs>
      <CommandLine label="same by command" command={`muster get asset-type ${name} -o yaml`} />
    </Page>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <Stack gap={0} style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text size="sm" component="div">{value}</Text>
    </Stack>
  );
}

function Metrics({ spec }: { spec: TypeSpec }) {
  const [word, setWord] = useState('');
  const all = Object.entries(spec.telemetry?.metrics ?? {});
  const found = all.filter(([name, metric]) => `${name} ${metric.description ?? ''} ${metric.unit ?? ''}`.toLowerCase().includes(word.trim().toLowerCase()));
  if (all.length === 0) return <Card><Empty title="It declares no metrics">What its assets send is kept up to the limit of unknown metrics. Declare them under <b>telemetry.metrics</b>, with units and bounds.</Empty></Card>;
  return (
    <Stack gap="sm">
      {all.length > 12 && <TextInput type="search" aria-label="find a metric" placeholder="find a metric" maw={300} value={word} onChange={(event) => setWord(event.currentTarget.value)} />}
      <Card padding={0}>
        <Table.ScrollContainer minWidth={560}>
          <Table fz="sm" striped withRowBorders={false}>
            <Table.Thead><Table.Tr><Table.Th>Metric</Table.Th><Table.Th>Kind</Table.Th><Table.Th>Unit</Table.Th><Table.Th>Between</Table.Th><Table.Th>What it is</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {found.map(([name, metric]) => (
                <Table.Tr key={name}>
                  <Table.Td><Code>{name}</Code></Table.Td>
                  <Table.Td>{metric.type ?? 'number'}</Table.Td>
                  <Table.Td>{metric.unit === '1' ? 'share (1)' : (metric.unit ?? '–')}</Table.Td>
                  <Table.Td className="num">{boundsOf(metric)}</Table.Td>
                  <Table.Td>{metric.description ?? '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {found.length === 0 && <Text size="sm" c="dimmed" p="md">No metric holds these words.</Text>}
      </Card>
    </Stack>
  );
}

function Commands({ spec }: { spec: TypeSpec }) {
  const all = Object.entries(spec.commands ?? {});
  if (all.length === 0) return <Card><Empty title="Its assets take no commands">Declare them under <b>commands</b>, with parameters as JSON Schema.</Empty></Card>;
  return (
    <Card padding={0}>
      <Table.ScrollContainer minWidth={620}>
        <Table fz="sm" verticalSpacing="xs">
          <Table.Thead><Table.Tr><Table.Th>Command</Table.Th><Table.Th>What it does</Table.Th><Table.Th>Takes</Table.Th><Table.Th>Within</Table.Th><Table.Th>Service</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {all.map(([name, command]) => (
              <Table.Tr key={name}>
                <Table.Td><Code>{name}</Code></Table.Td>
                <Table.Td>{command.description ?? '–'}</Table.Td>
                <Table.Td>{parametersOf(command.parameters).map((each) => <Text key={each} size="sm">{each}</Text>)}{parametersOf(command.parameters).length === 0 && '–'}</Table.Td>
                <Table.Td>{command.timeout ?? '10m (standard)'}</Table.Td>
                <Table.Td>{command.disruptive ? <Text size="sm" c="orange">is interrupted</Text> : 'goes on'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

const PARTS: { key: keyof TypeSpec; title: string; none: string }[] = [
  { key: 'retention', title: 'Kept for', none: 'as long as the server keeps everything' },
  { key: 'files', title: 'Files', none: 'the server’s limits' },
  { key: 'logs', title: 'Logs', none: 'all are kept' },
  { key: 'updatePolicy', title: 'Updates', none: 'the server’s standard' },
  { key: 'baseline', title: 'Configuration that every asset begins with', none: 'none' },
];

function Limits({ spec }: { spec: TypeSpec }) {
  const known = new Set(['description', 'criticality', 'heartbeat', 'telemetry', 'commands', ...PARTS.map(({ key }) => key)]);
  const others = Object.keys(spec).filter((key) => !known.has(key)).map((key) => ({ key, title: key, none: '' }));
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      {[...PARTS, ...others].map(({ key, title, none }) => {
        const lines = flat(spec[key]);
        return (
          <Card key={key}>
            <Title order={2} mb="xs">{title}</Title>
            {lines.length === 0 ? (
              <Text size="sm" c="dimmed">{Array.isArray(spec[key]) ? JSON.stringify(spec[key]) : none}</Text>
            ) : (
              lines.map(([name, value]) => (
                <Group key={name} justify="space-between" wrap="nowrap" gap="md" py={3} align="flex-start">
                  <Text size="sm" c="dimmed">{name}</Text>
                  <Text size="sm" ta="right" style={{ overflowWrap: 'anywhere' }}>{value}</Text>
                </Group>
              ))
            )}
          </Card>
        );
      })}
    </SimpleGrid>
  );
}

const STEPS: [string, string][] = [
  ['registered', 'provisioned, active, quarantined, retired'],
  ['provisioned', 'active, maintenance, quarantined, retired'],
  ['active', 'maintenance, quarantined, retired'],
  ['maintenance', 'active, quarantined, retired'],
  ['quarantined', 'provisioned, active, maintenance, retired (administrators only)'],
  ['retired', 'registered (administrators only, by a restore)'],
];

/** The same for every type: an asset begins as registered, its first credential makes it provisioned. */
function Lifecycle() {
  const { name } = route.useParams();
  return (
    <Card padding={0}>
      <Table fz="sm" verticalSpacing="xs">
        <Table.Thead><Table.Tr><Table.Th>From</Table.Th><Table.Th>May go to</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {STEPS.map(([from, to]) => (
            <Table.Tr key={from}>
              <Table.Td><LinkText to="/assets" search={{ f: [`type=${name}`, `lifecycle=${from}`] }} size="sm">{from}</LinkText></Table.Td>
              <Table.Td>{to}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" p="sm">A new asset is registered; its first credential makes it provisioned, the first word from it active. The same for every type.</Text>
    </Card>
  );
}

function Yaml({ type }: { type: Schemas['DeclaredObject'] }) {
  const { apiVersion, kind, metadata, spec } = type;
  const document = yaml({ apiVersion, kind, metadata: { name: metadata.name }, spec });
  return (
    <YamlField label={`${metadata.name} as YAML`} title="As it is declared" value={document} note="Change a copy and give it back with muster apply -f." />
  );
}
