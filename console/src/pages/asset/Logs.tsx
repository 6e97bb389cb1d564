import { ActionIcon, Badge, Button, Card, Code, Drawer, Group, SegmentedControl, Select, Stack, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback, useDocumentVisibility } from '@mantine/hooks';
import { IconFilterPlus, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { raw } from '../../api/client';
import { usePages } from '../../api/hooks';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line as commandLine } from '../../ui/shell';
import { DataTable, type Column } from '../../ui/table';
import { absolute, minutesAgo } from '../../ui/time';
import { useZone } from '../../ui/zone';
import { SEVERITIES, Severity, when } from './Records';
import { MOST, MOST_PAGES, PAGE, attributesOf, keyOf, merged, since, type Line } from './logs';

const route = getRouteApi('/assets/$id');

const RANGES: Record<string, number> = { '15m': 15, '1h': 60, '6h': 360, '24h': 1_440, '7d': 10_080 };
const EVERY = 2_000;

const COLUMNS: Column<Line>[] = [
  { key: 'ts', title: 'Time', width: '15rem', cell: (row) => when(row.ts) },
  { key: 'severity', title: 'Severity', width: '5.5rem', cell: (row) => <Severity value={row.severity} /> },
  { key: 'body', title: 'Message', width: 'minmax(16rem, 4fr)', cell: (row) => <span title={row.body} style={{ fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 }}>{row.body}</span> },
  { key: 'attributes', title: 'Attributes', width: 'minmax(8rem, 1fr)', cell: (row) => <Code fz={11}>{attributesOf(row).map(({ name, value }) => `${name}=${value}`).join(' ')}</Code>, wide: true },
];

/** What the asset wrote: filtered, page by page, and followed as it comes. */
export function Logs({ id }: { id: string }) {
  const { range = '24h', from, to, severity, contains, attribute, tail } = route.useSearch();
  const navigate = useNavigate({ from: '/assets/$id' });
  const queries = useQueryClient();
  useZone();
  const [shown, setShown] = useState<Line>();
  const put = (more: Record<string, string | undefined>) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...more }).filter(([, value]) => value !== undefined && value !== '')), replace: true });
  const fixed = from !== undefined || to !== undefined;
  const follows = tail === 'on' && to === undefined;
  const start = useMemo(() => from ?? minutesAgo(RANGES[range] ?? 1_440), [from, range]);
  const filters = { severity, contains, attribute };
  const path = `/api/v1/assets/${encodeURIComponent(id)}/logs`;
  const list = usePages<Line>(['logs', id], path, { ...filters, from: start, to, limit: 200 }, false);
  const live = useTail(path, { ...filters, from: start }, list.rows, follows && !list.isPending, () => void queries.invalidateQueries({ queryKey: ['logs', id] }));
  const rows = useMemo(() => (live.lines.length === 0 ? list.rows : merged(list.rows, live.lines).lines), [list.rows, live.lines]);
  const filtered = severity !== undefined || contains !== undefined || attribute !== undefined;
  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end">
        <Select label="Severity at least" placeholder="any" clearable data={SEVERITIES} value={severity ?? null} onChange={(value) => put({ severity: value ?? undefined })} w={140} />
        <Typed label="Contains" placeholder="words" value={contains ?? ''} onSettled={(value) => put({ contains: value })} flex="2 1 160px" />
        <Typed label="Attribute" placeholder="logger=dev.acme.Pump" value={attribute ?? ''} accepts={/^$|^[^=]+=/} onSettled={(value) => put({ attribute: value })} flex="1 1 160px" />
        {fixed ? (
          <Button variant="default" rightSection={<IconX size={14} />} onClick={() => put({ from: undefined, to: undefined })}>{from ? absolute(from) : 'the first'} to {to ? absolute(to) : 'now'}</Button>
        ) : (
          <SegmentedControl aria-label="range" data={Object.keys(RANGES)} value={RANGES[range] ? range : '24h'} onChange={(wanted) => put({ range: wanted })} />
        )}
        <Tooltip label="a span that has ended cannot be followed" disabled={to === undefined}>
          <Button variant={follows ? 'filled' : 'default'} disabled={to !== undefined} leftSection={follows ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />} onClick={() => put({ tail: follows ? undefined : 'on' })} aria-pressed={follows}>{follows ? 'Pause' : 'Follow'}</Button>
        </Tooltip>
      </Group>
      {live.error && <Problem what="What comes cannot be followed right now; it is tried again" error={live.error} />}
      <Text size="xs" c="dimmed" role="status">
        {follows ? `Following: ${live.added === 0 ? 'nothing has come yet' : `${live.added.toLocaleString()} ${live.added === 1 ? 'line has' : 'lines have'} come`}${rows.length >= MOST ? `; the newest ${MOST.toLocaleString()} are kept here` : ''}.` : live.added > 0 ? 'Paused: what comes meanwhile is there when you follow on.' : 'Newest first, by the asset’s own time.'}
      </Text>
      {list.error ? (
        <Problem what="The logs cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading logs…" />
      ) : rows.length === 0 ? (
        <Card><Empty title={filtered ? 'No line matches' : 'No log line in this time'}>The agent ships the files that its configuration names; any client sends records to assets/…/logs. {filtered ? 'Loosen the filter, or look at a longer time.' : 'Look at a longer time.'}</Empty></Card>
      ) : (
        <DataTable label="logs" columns={COLUMNS} rows={rows} rowKey={keyOf} onOpen={setShown} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage && rows.length < MOST} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command={commandLine('muster', 'logs', id, '--from', fixed ? start : `-${range}`, ...(to ? ['--to', to] : []), ...(severity ? ['--severity', severity] : []), ...(contains ? ['--contains', contains] : []), ...(attribute ? ['--attribute', attribute] : []), ...(follows ? ['--follow'] : []))} />
      <One id={id} line={shown} onClose={() => setShown(undefined)} onFilter={(wanted) => { setShown(undefined); put({ attribute: wanted }); }} />
    </Stack>
  );
}

/** A filter that is typed: the address follows when the typing rests, and it follows the address. */
function Typed({ label, placeholder, value, accepts, onSettled, flex }: { label: string; placeholder: string; value: string; accepts?: RegExp; onSettled: (value: string) => void; flex: string }) {
  const [typed, setTyped] = useState(value);
  const said = useRef(value);
  const settle = useDebouncedCallback((next: string) => {
    said.current = next.trim();
    onSettled(next.trim());
  }, 350);
  useEffect(() => {
    if (value !== said.current) {
      said.current = value;
      setTyped(value);
    }
  }, [value]);
  const wrong = accepts !== undefined && !accepts.test(typed.trim());
  return (
    <TextInput
      data-search={label === 'Contains' || undefined}
      label={label}
      placeholder={placeholder}
      value={typed}
      error={wrong && 'name=value'}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        if (accepts === undefined || accepts.test(next.trim())) settle(next);
      }}
      style={{ flex }}
    />
  );
}

/** Asks again and again for what the server has received since; what came late is found too. */
function useTail(path: string, filters: Record<string, string | undefined>, known: Line[], on: boolean, tooMuch: () => void) {
  const [tailed, setTailed] = useState<{ of: string; lines: Line[]; added: number }>({ of: '', lines: [], added: 0 });
  const visible = useDocumentVisibility() === 'visible';
  const of = JSON.stringify([path, filters]);
  const current = tailed.of === of ? tailed : { of, lines: [], added: 0 };
  const opened = useRef(0);
  if (opened.current === 0) opened.current = Date.now();
  const latest = useRef({ known, current });
  latest.current = { known, current };
  const answer = useQuery({
    queryKey: ['log-tail', of],
    enabled: on && visible,
    refetchInterval: EVERY,
    refetchIntervalInBackground: false,
    gcTime: 0,
    retry: false,
    queryFn: async () => {
      const { known: listed, current: before } = latest.current;
      const parameters = new URLSearchParams({ limit: String(PAGE), receivedFrom: String(since([...listed.slice(0, PAGE), ...before.lines], opened.current)) });
      for (const [name, value] of Object.entries(filters)) if (value !== undefined) parameters.set(name, value);
      const fresh: Line[] = [];
      for (let page = 0; page < MOST_PAGES; page++) {
        const body = (await (await raw('GET', `${path}?${parameters}`)).json()) as { items: Line[]; continue?: string };
        fresh.push(...body.items);
        if (body.continue === undefined) break;
        if (page === MOST_PAGES - 1) tooMuch();
        parameters.set('continue', body.continue);
      }
      const unlisted = new Set(listed.map(keyOf));
      const { lines, added } = merged(before.lines, fresh.filter((each) => !unlisted.has(keyOf(each))));
      if (added > 0) setTailed({ of, lines, added: before.added + added });
      return added;
    },
  });
  return { lines: current.lines, added: current.added, error: on ? answer.error : null };
}

/** One line as a whole. */
function One({ id, line, onClose, onFilter }: { id: string; line: Line | undefined; onClose: () => void; onFilter: (attribute: string) => void }) {
  return (
    <Drawer opened={line !== undefined} onClose={onClose} position="right" size="lg" title={line && <Group gap="xs"><Severity value={line.severity} />{absolute(line.ts)}</Group>}>
      {line && (
        <Stack gap="md">
          <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{line.body}</Code>
          <Table>
            <Table.Tbody>
              {attributesOf(line).map(({ name, value, filter }) => (
                <Table.Tr key={name}>
                  <Table.Td w="1%" style={{ whiteSpace: 'nowrap' }}><Text size="sm" c="dimmed">{name}</Text></Table.Td>
                  <Table.Td><Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>{value}</Text></Table.Td>
                  <Table.Td w="1%">{filter !== undefined && <Tooltip label="only lines with this"><ActionIcon variant="subtle" aria-label={`only lines with ${filter}`} onClick={() => onFilter(filter)}><IconFilterPlus size={16} /></ActionIcon></Tooltip>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text size="sm" c="dimmed">Received {absolute(line.receivedAt)}{Math.abs(line.receivedAt - line.ts) > 60_000 && <> <Badge color="orange" variant="light" radius="sm" tt="none">{line.receivedAt > line.ts ? 'late, or its clock is behind' : 'its clock is ahead'}</Badge></>}</Text>
          <LinkText to="/assets/$id" params={{ id }} search={{ tab: 'timeline', at: new Date(line.ts).toISOString() }} size="sm">what happened to {id} then</LinkText>
        </Stack>
      )}
    </Drawer>
  );
}
