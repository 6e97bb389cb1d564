import { Button, Card, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { Alerting } from './Alerting';
import { looksAt, ruleOf, type Rule } from './alerting';

const route = getRouteApi('/alert-rules');

const count = (value: number | undefined) => value?.toLocaleString() ?? '–';

const COLUMNS: Column<Rule>[] = [
  { key: 'name', title: 'Rule', width: 'minmax(9rem, 17%)', cell: (row) => <Link to="/alert-rules/$name" params={{ name: row.name }} className="plain"><b>{row.name}</b></Link> },
  { key: 'severity', title: 'Severity', width: '6rem', cell: (row) => <State value={row.spec.severity ?? 'ticket'} /> },
  { key: 'looks', title: 'Wrong when', width: 'minmax(10rem, 2.4fr)', cell: (row) => <span title={looksAt(row.spec.condition)}>{looksAt(row.spec.condition)}</span>, wide: true },
  { key: 'for', title: 'For', width: '5rem', cell: (row) => row.spec.for ?? 'at once', wide: true },
  { key: 'firing', title: 'Alerts', width: '5rem', numeric: true, cell: (row) => (row.status.counts ? <LinkText to="/alerts" search={{ source: `rule/${row.name}`, state: 'all' }} size="sm">{count(row.status.counts.alerts)}</LinkText> : '–') },
  { key: 'wrong', title: 'Wrong', width: '5rem', numeric: true, cell: (row) => count(row.status.counts?.wrong), wide: true },
  { key: 'fine', title: 'Fine', width: '5rem', numeric: true, cell: (row) => count(row.status.counts?.fine), wide: true },
  { key: 'unknown', title: 'Unknown', width: '5.75rem', numeric: true, cell: (row) => count(row.status.counts?.unknown), wide: true },
  { key: 'evaluated', title: 'Looked at', width: '7rem', cell: (row) => (row.spec.paused ? <State value="paused" /> : row.status.problem ? <Text span inherit c="red" title={row.status.problem}>{row.status.problem}</Text> : <Ago at={row.status.evaluated} none="not yet" />), wide: true },
];

export default function Rules() {
  const navigate = useNavigate({ from: '/alert-rules' });
  const { q = '' } = route.useSearch();
  const typed = useDebouncedCallback((wanted: string) => void navigate({ search: wanted === '' ? {} : { q: wanted }, replace: true }), 250);
  const list = usePages<Schemas['DeclaredObject']>(['alert-rules'], '/api/v1/alert-rules', { limit: 500 }, 15_000);
  const rows = list.rows.map(ruleOf).filter((rule) => `${rule.name} ${looksAt(rule.spec.condition)}`.toLowerCase().includes(q.toLowerCase()));
  return (
    <Alerting title="Alert rules" note="what is looked at, and how many it finds wrong now" actions={<Button leftSection={<IconPlus size={16} />} onClick={() => void navigate({ to: '/new/alert-rule' })}>New rule</Button>}>
      <TextInput type="search" aria-label="find a rule" placeholder="find a rule by its name or what it looks at" maw={420} defaultValue={q} onChange={(event) => typed(event.currentTarget.value.trim())} />
      {list.error ? (
        <Problem what="The rules cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading rules…" />
      ) : rows.length === 0 && q !== '' ? (
        <Card><Empty title="No rule matches">Look for other words of its name, or of what it looks at.</Empty></Card>
      ) : rows.length === 0 ? (
        <Card><Empty title="No rule is declared" command="muster apply -f examples/alerts/alerts.yaml">The shipped ones were deleted. Write one, and test it against the last day before you apply it.</Empty></Card>
      ) : (
        <DataTable label="alert rules" columns={COLUMNS} rows={rows} rowKey={(row) => row.name} onOpen={(row) => void navigate({ to: '/alert-rules/$name', params: { name: row.name } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <Text size="sm" c="dimmed">Unknown are assets without data that is fresh enough: of them a rule neither begins nor ends an alert. Always there without a rule: rollouts whose gate failed, assets that did not come back from an update, refused credentials, budgets of <LinkText to="/slos" size="sm" underline="always">objectives</LinkText>.</Text>
      <CommandLine label="same by command" command="muster get alert-rules" />
    </Alerting>
  );
}
