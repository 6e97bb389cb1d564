import { Alert as Notice, Card, Code, Drawer, Group, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconHelpCircle } from '@tabler/icons-react';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkCard } from '../../ui/links';
import { line } from '../../ui/shell';
import { State, lookColor } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { Burn, Causes } from './Burn';
import { SLO_STATES, lasts, left, share, sloOf, tally, type Slo } from './slo';

const route = getRouteApi('/slos');

const COLUMNS: Column<Slo>[] = [
  { key: 'name', title: 'Objective', width: 'minmax(7.25rem, 1.5fr)', cell: (row) => <Link to="/slos" search={(before: { state?: string }) => ({ ...before, slo: row.name })} className="plain" title={row.title}><b>{row.name}</b></Link> },
  { key: 'state', title: 'State', width: '7.75rem', cell: (row) => <State value={row.status.state} /> },
  { key: 'target', title: 'Target', width: '6rem', numeric: true, cell: (row) => share(row.status.target), wide: true },
  { key: 'value', title: 'Value', width: '6.5rem', numeric: true, cell: (row) => share(row.status.value), wide: true },
  { key: 'left', title: 'Budget left', width: 'minmax(5.75rem, 1.2fr)', cell: (row) => <Budget slo={row} /> },
  { key: 'burn', title: 'Burn, 1 h', width: '6.5rem', numeric: true, cell: (row) => (row.status.burnRate === undefined ? 'unknown' : `${row.status.burnRate.toFixed(1)} ×`), wide: true },
  { key: 'stale', title: 'Stale', width: '6rem', numeric: true, cell: (row) => Math.round(row.status.stale).toLocaleString(), wide: true },
  { key: 'unknown', title: 'Unknown', width: '6.5rem', numeric: true, cell: (row) => Math.round(row.status.unknown).toLocaleString(), wide: true },
  { key: 'scope', title: 'Of', width: 'minmax(5rem, 1fr)', cell: (row) => row.status.scope, wide: true },
];

function Budget({ slo }: { slo: Slo }) {
  const remaining = slo.status.budgetRemaining;
  return (
    <Group gap="xs" wrap="nowrap">
      <Text span size="sm" className="num" miw={64}>{left(remaining)}</Text>
      {remaining !== undefined && <Progress value={Math.max(0, Math.min(1, remaining)) * 100} color={lookColor(slo.status.state)} size="sm" style={{ flex: 1 }} visibleFrom="sm" aria-label={`budget left: ${left(remaining)}`} />}
    </Group>
  );
}

export default function Slos() {
  const { state, slo } = route.useSearch();
  const navigate = useNavigate({ from: '/slos' });
  const list = usePages<Schemas['SloView']>(['slos'], '/api/v1/slos', { limit: 1000 }, 30_000);
  const all = list.rows.map(sloOf);
  const rows = state === undefined ? all : all.filter((each) => each.status.state === state);
  const counts = tally(all);
  const open = all.find((each) => each.name === slo);
  return (
    <Page title="Objectives" note="how much has to be good (SLO), what may still be bad, and how fast that is spent">
      {list.error ? (
        <Problem what="The objectives cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading objectives…" />
      ) : all.length === 0 ? (
        <Card><Empty title="There is no objective yet" command="muster apply -f examples/slo/fleet.yaml">The server counts uptime, freshness, commands, rollouts, errors, drift and its queue by itself. Say how much of it has to be good; the example begins with uptime, commands and freshness of the fleet:</Empty></Card>
      ) : (
        <>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {SLO_STATES.map((each) => (
              <LinkCard key={each} to="/slos" search={state === each ? {} : { state: each }} {...(state === each ? { 'aria-current': 'true' as const, bg: 'var(--mantine-primary-color-light)' } : {})} padding="sm">
                <State value={each} />
                <Text fz={22} fw={650} className="num">{counts[each].toLocaleString()}</Text>
              </LinkCard>
            ))}
          </SimpleGrid>
          {counts.unknown > 0 && <Notice color="gray" icon={<IconHelpCircle />} p="xs"><Text size="sm">Of an objective that is unknown nothing was counted, or nothing lately: that is neither good nor bad.</Text></Notice>}
          {rows.length === 0 ? <Card><Empty title={`None is ${state}`}>Choose another state above.</Empty></Card> : (
            <DataTable label="objectives" columns={COLUMNS} rows={rows} rowKey={(row) => row.name} onOpen={(row) => void navigate({ search: (before) => ({ ...before, slo: row.name }) })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
          )}
        </>
      )}
      <CommandLine label="same by command" command="muster get slos" />
      <Drawer opened={open !== undefined} onClose={() => void navigate({ search: ({ slo: _, ...before }) => before, replace: true })} position="right" size="xl" title={open?.name ?? ''} closeButtonProps={{ 'aria-label': 'close' }}>
        {open && <Detail slo={open} />}
      </Drawer>
    </Page>
  );
}

function Detail({ slo: { name, title, status, declared } }: { slo: Slo }) {
  const until = lasts(status.exhaustedIn);
  const rows: [string, string][] = [
    ['target', share(status.target)],
    ['value', share(status.value)],
    ['budget left', left(status.budgetRemaining)],
    ['burn rate over 1 h', status.burnRate === undefined ? 'unknown' : `${status.burnRate.toFixed(2)} × what the budget allows`],
    ...(until === undefined ? [] : [['spent in, at this rate', until] as [string, string]]),
    ['good', Math.round(status.good).toLocaleString()],
    ['bad', Math.round(status.bad).toLocaleString()],
    ['stale', Math.round(status.stale).toLocaleString()],
    ['unknown', `${Math.round(status.unknown).toLocaleString()}, in neither number`],
    ['indicator', status.sli],
    ['of', status.scope],
  ];
  return (
    <Stack gap="md">
      <Group gap="xs"><State value={status.state} />{title !== '' && <Text size="sm">{title}</Text>}</Group>
      <Table withRowBorders={false} verticalSpacing={3}>
        <Table.Tbody>{rows.map(([label, value]) => <Table.Tr key={label}><Table.Th scope="row" c="dimmed" fw={400} pl={0}>{label}</Table.Th><Table.Td className="num">{value}</Table.Td></Table.Tr>)}</Table.Tbody>
      </Table>
      {status.from && <Text size="sm" c="dimmed" component="span">counted from <Ago at={status.from} /> to <Ago at={status.to} /></Text>}
      <Burn slo={name} />
      <Causes slo={name} />
      {status.alerts.map((alert) => (
        <Card key={alert.name} padding="sm">
          <Group gap="xs"><Text fw={600} size="sm">{alert.name}</Text><State value={alert.severity} /><State value={alert.state} /></Group>
          <Text size="sm">{alert.why}</Text>
          <Text size="xs" c="dimmed">{alert.state !== 'unknown' && <>burns {alert.burnRate.toFixed(1)} × over {alert.longWindow}{alert.shortWindow !== '' && alert.shortWindow !== alert.longWindow && `, ${alert.shortBurnRate.toFixed(1)} × over ${alert.shortWindow}`}; </>}fires above {alert.factor} × over {alert.longWindow}</Text>
        </Card>
      ))}
      <Code block tabIndex={0}>{yaml({ apiVersion: declared.apiVersion, kind: declared.kind, metadata: Object.fromEntries(['name', 'displayName', 'labels', 'annotations'].map((field) => [field, declared.metadata[field]])), spec: declared.spec })}</Code>
      <CommandLine label="same by command" command={line('muster', 'slo', 'show', name)} />
    </Stack>
  );
}
