import { Alert as Notice, Card, Group, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconHelpCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { Page } from '../../shell/Page';
import { useMe } from '../../shell/Session';
import { short } from '../../ui/axis';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { bytes } from '../../ui/size';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { many } from '../../ui/words';
import { share } from '../slos/slo';
import { counted, diskState, latency, millis, queueState } from './health';

type Of = Schemas['SystemHealth'];

/** How the server itself does: what it is asked by whoever looks after it, not by whoever looks after assets. */
export default function Health() {
  const { scope, name } = useMe();
  const answer = useQuery({ queryKey: ['system-health'], enabled: !scope, queryFn: () => data(api.GET('/api/v1/system-health')), refetchInterval: 10_000 });
  if (scope) return <Page title="System health"><Card><Empty title="This needs the whole scope">The server&apos;s figures are about all assets; {name} sees {scope}.</Empty></Card></Page>;
  if (answer.error && !answer.data) return <Problem what="The server cannot say how it does" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="asking the server…" />;
  const health = answer.data;
  const wrong = health.checks.filter((check) => !check.ok);
  return (
    <Page title="System health" note={<>the queue, the consumers, the stores and the workers of this server; as of <Ago at={health.at} />{health.started && <>, started <Ago at={health.started} /></>}</>} actions={<CopyAs path="/api/v1/system-health" command="muster fleet health" />}>
      {answer.error && <Problem what="This is no longer up to date" error={answer.error} />}
      <Card>
        <Group gap="sm" mb={wrong.length > 0 ? 'sm' : 0}>
          <State value={health.ready ? 'ok' : 'fail'} />
          <Text size="sm">{health.ready ? <>ready: all {health.checks.length} checks are fine ({health.checks.map((check) => check.name).join(', ')})</> : <>not ready: {wrong.length} of {health.checks.length} checks fail</>}</Text>
        </Group>
        <Stack gap={6}>{wrong.map((check) => <Notice key={check.name} color="red" title={check.name} p="xs"><Text size="sm">{check.problem}</Text></Notice>)}</Stack>
      </Card>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Queue of={health.queue} />
        <Stores of={health} />
      </SimpleGrid>
      <Consumers of={health.consumers} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Devices of={health.devices} telemetry={health.telemetry} />
        <Process of={health} />
      </SimpleGrid>
      <Leases of={health.leases} held={health.leasesHeld} />
      <CommandLine label="all figures, for Prometheus" command="curl -H 'Authorization: Bearer …' https://SERVER/metrics" />
    </Page>
  );
}

function Pairs({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl style={{ display: 'grid', gridTemplateColumns: 'minmax(9rem, max-content) 1fr', gap: '5px 20px', margin: 0, fontSize: 'var(--mantine-font-size-sm)' }}>
      {of.map(([label, value]) => (
        <div key={label} style={{ display: 'contents' }}>
          <Text component="dt" size="sm" c="dimmed">{label}</Text>
          <Text component="dd" size="sm" m={0} className="num" style={{ overflowWrap: 'anywhere' }}>{value}</Text>
        </div>
      ))}
    </dl>
  );
}

function Queue({ of }: { of: Of['queue'] }) {
  const state = queueState(of);
  const used = of.bytes !== undefined && of.maxBytes !== undefined && of.maxBytes > 0 ? of.bytes / of.maxBytes : undefined;
  return (
    <Card>
      <Group justify="space-between" mb="sm"><Title order={2}>Queue</Title><State value={state.state} title={state.why} /></Group>
      <Pairs
        of={[
          ['in time, last hour', <>{share(of.inTime)} <Text span size="xs" c="dimmed">durable in a consumer&apos;s store within 5 s</Text></>],
          ['depth', of.queued === undefined ? 'unknown' : `${many(of.queued, 'entry', 'entries')} not yet on disk`],
          ['until on disk', latency(of.durable)],
          ['one sync', latency(of.sync)],
          ['kept for consumers', of.bytes === undefined ? 'unknown' : <>{bytes(of.bytes)}{used !== undefined && of.maxBytes !== undefined && <> of at most {bytes(of.maxBytes)}</>}</>],
          ['received since the start', of.entries === undefined ? 'unknown' : of.entries.toLocaleString()],
          ['refused', counted(of.refused)],
          ['not made durable', counted(of.failed)],
        ]}
      />
      {used !== undefined && <Progress value={Math.max(used * 100, used > 0 ? 0.6 : 0)} color={used > 0.8 ? 'red' : used > 0.5 ? 'orange' : 'teal'} size="sm" mt="sm" aria-label={`${(used * 100).toFixed(1)} % of what the journal may take is used`} />}
    </Card>
  );
}

function Stores({ of: { stored, tables, telemetry, queue } }: { of: Of }) {
  if (stored === undefined) {
    return <Card><Title order={2} mb="sm">Stores</Title><Text size="sm" c="dimmed">Not measured yet: that is done some seconds after the start, then once in ten minutes.</Text></Card>;
  }
  const parts: [string, number | undefined, string][] = [['PostgreSQL', stored.postgres, 'cyan'], ['telemetry (QuestDB)', stored.telemetry, 'grape'], ['journal', queue.bytes ?? stored.journal, 'orange'], ['artifacts, files', stored.files, 'teal']];
  const disk = diskState(stored);
  return (
    <Card>
      <Group justify="space-between" mb="sm"><Title order={2}>Stores</Title><State value={disk.state} title={disk.why} /></Group>
      <Progress.Root size="md" mb="sm">
        {parts.map(([name, size, color]) => size !== undefined && size > 0 && <Progress.Section key={name} value={(size / Math.max(stored.total, 1)) * 100} color={color} aria-label={`${name}: ${bytes(size)}`} />)}
      </Progress.Root>
      <Pairs
        of={[
          ...parts.map(([name, size]): [string, ReactNode] => [name, size === undefined ? 'unknown' : bytes(size)]),
          ['free on the fullest disk', <>{bytes(stored.diskFree)} of {bytes(stored.diskTotal)}</>],
          ['rows not yet readable', telemetry.unapplied === undefined ? 'unknown' : telemetry.unapplied.toLocaleString()],
          ['sums are behind by', telemetry.summedBehindSeconds === undefined ? 'unknown' : millis(telemetry.summedBehindSeconds * 1000)],
          ...(telemetry.restoring ? [['newest values', 'are still read back after the start'] as [string, ReactNode]] : []),
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">Measured once in ten minutes, the journal now. Largest tables of PostgreSQL: {tables.slice(0, 5).map((table) => `${table.name} ${bytes(table.bytes)}`).join(', ')}</Text>
    </Card>
  );
}

function Consumers({ of }: { of: Of['consumers'] }) {
  return (
    <Card>
      <Title order={2} mb={2}>Consumers</Title>
      <Text size="xs" c="dimmed" mb="sm">each reads the whole journal on its own; latency is from the receipt of a message until it is durable in the consumer&apos;s store, lately</Text>
      {of.length === 0 ? <Text size="sm" c="dimmed">None runs: messages are not processed.</Text> : (
        <Table.ScrollContainer minWidth={680}>
          <Table verticalSpacing={5}>
            <Table.Thead><Table.Tr><Table.Th>Consumer</Table.Th><Table.Th ta="right">Behind</Table.Th><Table.Th ta="right">p50</Table.Th><Table.Th ta="right">p99</Table.Th><Table.Th ta="right">Read</Table.Th><Table.Th ta="right">Not committed</Table.Th><Table.Th ta="right">Tried again</Table.Th><Table.Th ta="right">Set aside</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {of.map((consumer) => (
                <Table.Tr key={consumer.name}>
                  <Table.Td>{consumer.name}</Table.Td>
                  <Number value={consumer.lag} />
                  <Table.Td ta="right" className="num">{consumer.latency === undefined ? '–' : millis(consumer.latency.p50)}</Table.Td>
                  <Table.Td ta="right" className="num">{consumer.latency === undefined ? '–' : millis(consumer.latency.p99)}</Table.Td>
                  <Number value={consumer.entries} />
                  <Number value={consumer.uncommitted} />
                  <Number value={consumer.failures} bad />
                  <Number value={consumer.deadLetters + consumer.undecodable} bad />
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function Number({ value, bad = false }: { value: number | undefined; bad?: boolean }) {
  return <Table.Td ta="right" className="num" {...(bad && value !== undefined && value > 0 ? { fw: 650, style: { color: 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-3))' } } : {})}>{value === undefined ? 'unknown' : value < 10_000 ? value.toLocaleString() : short(value)}</Table.Td>;
}

function Devices({ of, telemetry }: { of: Of['devices']; telemetry: Of['telemetry'] }) {
  return (
    <Card>
      <Title order={2} mb="sm">Device plane</Title>
      <Pairs
        of={[
          ['MQTT sessions', of.sessions === undefined ? 'unknown' : of.sessions.toLocaleString()],
          ['reading was paused', counted(of.pauses)],
          ['messages refused', counted(of.refusals)],
          ['malformed', of.malformed.toLocaleString()],
          ['connections refused', counted(of.connectionsRefused)],
          ['TLS handshakes failed', of.handshakesFailed.toLocaleString()],
          ['values not stored as they came', counted(telemetry.refused)],
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">counted since the start</Text>
    </Card>
  );
}

function Process({ of: { database, memory } }: { of: Of }) {
  const of = (value: number | undefined) => (value === undefined ? 'unknown' : value.toLocaleString());
  return (
    <Card>
      <Title order={2} mb="sm">Process and database</Title>
      <Pairs
        of={[
          ['heap', memory.heap === undefined ? 'unknown' : <>{bytes(memory.heap)}{memory.heapMax !== undefined && <> of at most {bytes(memory.heapMax)}</>}</>],
          ['processor', memory.processor === undefined ? 'unknown' : <>{(memory.processor * 100).toFixed(1)} % <Text span size="xs" c="dimmed">of all processors</Text></>],
          ['connections in use', <>{of(database.active)} of {of(database.max)}, {of(database.idle)} idle</>],
          ['waiting for one', of(database.waiting)],
        ]}
      />
    </Card>
  );
}

function Leases({ of, held }: { of: Of['leases']; held: number }) {
  const shown = of.slice(0, 30);
  return (
    <Card>
      <Title order={2} mb={2}>Leases</Title>
      <Text size="xs" c="dimmed" mb="sm">who works on what, so that of all servers one does; {held.toLocaleString()} held now{of.some((lease) => !lease.held) && ', those that nobody holds first: given back, or their holder went away within the last hour'}</Text>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={4}>
          <Table.Thead><Table.Tr><Table.Th>Lease</Table.Th><Table.Th>State</Table.Th><Table.Th>Holder</Table.Th><Table.Th ta="right">Token</Table.Th><Table.Th>Ends</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {shown.map((lease) => (
              <Table.Tr key={lease.name}>
                <Table.Td>{lease.name}</Table.Td>
                <Table.Td><State value={lease.held ? 'held' : 'free'} as={lease.held ? 'ok' : 'pending'} /></Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{lease.holder}</Table.Td>
                <Table.Td ta="right" className="num">{lease.token}</Table.Td>
                <Table.Td><Ago at={lease.expires} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {held > shown.length && <Text size="xs" c="dimmed" mt="xs"><IconHelpCircle size={12} aria-hidden /> the first {shown.length} are shown</Text>}
    </Card>
  );
}
