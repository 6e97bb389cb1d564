import { Alert as Notice, Button, Card, Code, Drawer, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconInfoCircle, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { Confirm } from '../../ui/confirm';
import { CopyButton } from '../../ui/copybutton';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, span } from '../../ui/time';
import { called, many } from '../../ui/words';

const route = getRouteApi('/gamedays');
type GameDay = Schemas['GameDay'];

const took = (seconds: number | undefined) => (seconds === undefined ? '–' : span(seconds));
const hit = (day: GameDay) => new Set(day.faults.flatMap((fault) => fault.assets)).size;

const COLUMNS: Column<GameDay>[] = [
  { key: 'name', title: 'Game day', width: 'minmax(8rem, 1.5fr)', cell: (row) => <Link to="/gamedays" search={{ day: row.id }} className="plain"><b>{row.name}</b></Link> },
  { key: 'state', title: 'State', width: '7.25rem', cell: (row) => <State value={row.endedAt ? 'ended' : 'running'} /> },
  { key: 'faults', title: 'Faults', width: 'minmax(7rem, 1fr)', cell: (row) => row.faults.map((fault) => fault.kind).join(', '), wide: true },
  { key: 'assets', title: 'Assets', width: '5rem', numeric: true, cell: (row) => hit(row).toLocaleString(), wide: true },
  { key: 'incidents', title: 'Incidents', width: '6rem', numeric: true, cell: (row) => row.report.incidents.toLocaleString() },
  { key: 'detect', title: 'To detect', width: '6rem', numeric: true, cell: (row) => took(row.report.secondsToDetect), wide: true },
  { key: 'notify', title: 'To notify', width: '6rem', numeric: true, cell: (row) => took(row.report.secondsToNotify), wide: true },
  { key: 'recover', title: 'To recover', width: '6.5rem', numeric: true, cell: (row) => (row.report.open > 0 ? 'not yet' : took(row.report.secondsToRecover)), wide: true },
  { key: 'started', title: 'Started', width: '6.75rem', cell: (row) => <Ago at={row.startedAt} />, wide: true },
];

export default function GameDays() {
  const { day, start } = route.useSearch();
  const navigate = useNavigate({ from: '/gamedays' });
  const lacks = useMay('runbook');
  const list = usePages<GameDay>(['gamedays'], '/api/v1/gamedays', { limit: 50 }, 10_000);
  const close = () => void navigate({ search: {}, replace: true });
  return (
    <Page title="Game days" note="an outage on purpose, of assets that are there to be broken: does an alert fire, who is told, what are the runbooks worth" actions={<Button leftSection={<IconPlus size={16} />} disabled={lacks !== undefined} title={lacks} onClick={() => void navigate({ search: { start: '1' } })}>New game day…</Button>}>
      {list.error ? (
        <Problem what="The game days cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading game days…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="There was no game day yet" command="muster gameday start examples/gamedays/region-cut.yaml --control control --report report.md">Only assets with the label simulated or gameday are ever hit. The command injects the faults into the simulator by itself, waits until all is well, and writes a report:</Empty></Card>
      ) : (
        <DataTable label="game days" columns={COLUMNS} rows={list.rows} rowKey={(row) => row.id} onOpen={(row) => void navigate({ search: { day: row.id } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <Drawer opened={day !== undefined} onClose={close} position="right" size="lg" title="Game day" closeButtonProps={{ 'aria-label': 'close' }}>{day !== undefined && <Day id={day} />}</Drawer>
      {start !== undefined && <Start onClose={close} onStarted={(id) => void navigate({ search: { day: id }, replace: true })} />}
    </Page>
  );
}

function Day({ id }: { id: string }) {
  const lacks = useMay('runbook');
  const queries = useQueryClient();
  const [ending, setEnding] = useState(false);
  const answer = useQuery({ queryKey: ['gamedays', id], enabled: lacks === undefined, queryFn: () => data(api.GET('/api/v1/gamedays/{id}', { params: { path: { id } } })), refetchInterval: (query) => (query.state.data?.endedAt ? false : 5_000) });
  if (lacks !== undefined) return <Notice color="gray" icon={<IconInfoCircle />}><Text size="sm">{lacks}</Text></Notice>;
  if (answer.error) return <Problem what="It cannot be shown" error={answer.error} />;
  if (!answer.data) return <Loading what="loading the game day…" />;
  const { name, faults, report, startedAt, startedBy, endedAt } = answer.data;
  const inject = faults.flatMap((fault) => fault.lines).join('\n');
  const undo = faults.flatMap((fault) => fault.undo).join('\n');
  return (
    <Stack gap="md">
      <Group justify="space-between"><Group gap="xs"><Text fw={650}>{name}</Text><State value={endedAt ? 'ended' : 'running'} /></Group>{!endedAt && <Button size="compact-sm" variant="light" onClick={() => setEnding(true)}>End it…</Button>}</Group>
      <Text size="sm" c="dimmed" component="span">started by {called(startedBy)} <Ago at={startedAt} />{endedAt && <>, ended <Ago at={endedAt} /></>}</Text>
      <SimpleGrid cols={2} spacing="sm">
        {[['Incidents', `${report.incidents}, ${report.withoutPerson} closed without a person`], ['To detect', took(report.secondsToDetect)], ['To notify', took(report.secondsToNotify)], ['To recover', report.open > 0 ? `not yet: ${report.open} open` : took(report.secondsToRecover)]].map(([title, value]) => <div key={title}><Text size="xs" c="dimmed">{title}</Text><Text fw={600}>{value}</Text></div>)}
      </SimpleGrid>
      <LinkText to="/incidents" size="sm">its incidents are among all</LinkText>
      {!endedAt && (
        <Notice color="gray" icon={<IconInfoCircle />} title="The server breaks nothing itself">
          <Text size="sm" mb="xs">It fixed whom the faults hit and wrote that down. These lines go to the control of the simulator; `muster gameday start` gives them by itself.</Text>
          <Lines title="break" text={inject} />
          {undo !== '' && <Lines title="mend" text={undo} />}
        </Notice>
      )}
      <Text fw={600} size="sm">Report</Text>
      <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap' }}>{report.text}</Code>
      {ending && (
        <Ask
          verb="End"
          name={name}
          consequence="Its report counts what was opened until now. Faults that are under way go on until you mend them in the simulator."
          act={async () => {
            await raw('POST', `/api/v1/gamedays/${encodeURIComponent(id)}/end`, {});
            await queries.invalidateQueries({ queryKey: ['gamedays'] });
          }}
          onClose={() => setEnding(false)}
        />
      )}
    </Stack>
  );
}

function Lines({ title, text }: { title: string; text: string }) {
  return (
    <Stack gap={4} mb="xs">
      <Group justify="space-between"><Text size="xs" c="dimmed">{title}</Text><CopyButton value={text}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton></Group>
      <Code block tabIndex={0} style={{ maxHeight: 160, overflow: 'auto' }}>{text}</Code>
    </Stack>
  );
}

const KINDS = [
  { value: 'offline', label: 'offline: they lose their network' },
  { value: 'cut', label: 'cut: their connections break once' },
  { value: 'drift', label: 'drift: each changes a value of its configuration' },
  { value: 'skew', label: 'skew: their clocks are wrong' },
];

function Start({ onClose, onStarted }: { onClose: () => void; onStarted: (id: string) => void }) {
  const [name, setName] = useState('region-cut');
  const [kind, setKind] = useState('offline');
  const [selector, setSelector] = useState("asset.labels.simulated == 'true'");
  const [lasts, setLasts] = useState('2m');
  const [by, setBy] = useState('3h');
  const [sure, setSure] = useState(false);
  const begun = useRef(false);
  const queries = useQueryClient();
  const count = useQuery({ queryKey: ['gamedays', 'count', selector], enabled: selector.trim() !== '', retry: false, queryFn: async () => ((await (await raw('GET', `/api/v1/assets?${new URLSearchParams({ selector, limit: '1000' }).toString()}`)).json()) as { items: { labels: Record<string, string> }[]; continue?: string }) });
  const found = count.data?.items ?? [];
  const unmarked = found.filter((asset) => asset.labels.simulated !== 'true' && asset.labels.gameday !== 'true').length;
  const fault = { kind, selector, for: lasts, ...(kind === 'skew' && { by }) };
  if (sure) {
    return (
      <Confirm
        verb="Start"
        name={name}
        consequence={`Breaks ${count.data?.continue ? `${found.length.toLocaleString()} and more assets` : many(found.length, 'asset')} on purpose (${kind}, for ${lasts}). Alerts fire, people are told and runbooks run as in earnest.`}
        act={async () => {
          const day = (await (await raw('POST', '/api/v1/gamedays', { name, faults: [fault] })).json()) as GameDay;
          await queries.invalidateQueries({ queryKey: ['gamedays'] });
          begun.current = true;
          onStarted(day.id);
        }}
        // What has begun is shown; only who leaves it goes back to the list.
        onClose={() => begun.current || onClose()}
        command={() => line('muster', 'gameday', 'start', 'FILE', '--control', 'control')}
      />
    );
  }
  return (
    <Drawer opened onClose={onClose} position="right" size="md" title="Start a game day" closeButtonProps={{ 'aria-label': 'close' }}>
      <Stack gap="sm">
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={100} />
        <Select label="What breaks" data={KINDS} value={kind} onChange={(next) => setKind(next ?? 'offline')} allowDeselect={false} />
        <TextInput label="Whom it hits" description="only assets with the label simulated or gameday are allowed" value={selector} onChange={(event) => setSelector(event.currentTarget.value)} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} error={count.error ? count.error.message : unmarked > 0 ? `${unmarked} of them are neither simulated nor marked: it would be refused` : undefined} />
        <Text size="sm" c="dimmed">{count.data ? count.data.continue ? `${found.length.toLocaleString()} and more assets` : many(found.length, 'asset') : '…'}</Text>
        <Group grow><TextInput label="For" value={lasts} onChange={(event) => setLasts(event.currentTarget.value)} />{kind === 'skew' && <TextInput label="By" value={by} onChange={(event) => setBy(event.currentTarget.value)} />}</Group>
        <Group justify="flex-end"><Button variant="default" onClick={onClose}>Leave it</Button><Button color="red" disabled={name.trim() === '' || found.length === 0 || unmarked > 0} onClick={() => setSure(true)}>Start…</Button></Group>
        <CommandLine label="same by command" command="muster gameday start FILE --control control" />
      </Stack>
    </Drawer>
  );
}
