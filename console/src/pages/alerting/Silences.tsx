import { Alert as Notice, Button, Card, Code, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconBellOff, IconInfoCircle, IconPlus, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, absolute } from '../../ui/time';
import { called } from '../../ui/words';
import { Hides, TIMES } from '../alerts/Silence';
import { Alerting } from './Alerting';
import { quoted } from './alerting';

const route = getRouteApi('/silences');
type Silence = Schemas['Silence'];

const LOOKS: Record<string, string> = { active: 'running', pending: 'waiting', expired: 'ended' };

export default function Silences() {
  const { state = 'active', matchers } = route.useSearch();
  const navigate = useNavigate({ from: '/silences' });
  const [ending, setEnding] = useState<Silence>();
  const lacks = useMay('alerting');
  const queries = useQueryClient();
  const list = usePages<Silence>(['alerts', 'silences'], '/api/v1/silences', { limit: 500 }, 15_000);
  const rows = list.rows.filter((silence) => (state === 'all' ? true : state === 'expired' ? silence.state === 'expired' : silence.state !== 'expired'));
  const columns: Column<Silence>[] = [
    { key: 'matchers', title: 'Hides what is', width: 'minmax(10rem, 2fr)', cell: (row) => <span title={row.matchers.join(', ')}>{row.matchers.map((each) => <Code key={each} mr={4}>{each}</Code>)}</span> },
    { key: 'state', title: 'State', width: '6.5rem', cell: (row) => <State value={row.state} as={LOOKS[row.state]} /> },
    { key: 'comment', title: 'Why', width: 'minmax(8rem, 1.6fr)', cell: (row) => <span title={row.comment}>{row.comment}</span>, wide: true },
    { key: 'by', title: 'By', width: 'minmax(6rem, 0.8fr)', cell: (row) => <span title={row.createdBy}>{called(row.createdBy)}</span>, wide: true },
    { key: 'starts', title: 'Begins', width: '6.75rem', cell: (row) => <Ago at={row.startsAt} />, wide: true },
    { key: 'ends', title: 'Ends', width: '6.75rem', cell: (row) => <Ago at={row.endsAt} />, wide: true },
    { key: 'end', title: '', width: '6rem', cell: (row) => row.state !== 'expired' && <Button size="compact-xs" variant="default" disabled={lacks !== undefined} title={lacks} onClick={() => setEnding(row)}>End it…</Button> },
  ];
  return (
    <Alerting
      title="Silences"
      note="what nobody is told of for a time; it fires all the same, and is told when the silence ends"
      actions={<>
        <SegmentedControl aria-label="state" data={[{ value: 'active', label: 'In force' }, { value: 'expired', label: 'Over' }, { value: 'all', label: 'All' }]} value={state} onChange={(value) => void navigate({ search: value === 'active' ? {} : { state: value }, replace: true })} />
        <Button leftSection={<IconPlus size={16} />} disabled={lacks !== undefined} title={lacks} onClick={() => void navigate({ search: (before) => ({ ...before, matchers: ' ' }) })}>New silence…</Button>
      </>}
    >
      {list.error ? (
        <Problem what="The silences cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading silences…" />
      ) : rows.length === 0 ? (
        <Card><Empty title={state === 'active' ? 'Nothing is silenced' : 'There is none'} command={"muster silence add site=hall-3 -d 2h -m 'new racks'"}>Silence what somebody works on, for as long as it takes: others see who, why and until when.</Empty></Card>
      ) : (
        <DataTable label="silences" columns={columns} rows={rows} rowKey={(row) => row.id} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster silence list" />
      {ending && (
        <Ask
          verb="End"
          name="the silence"
          consequence={<>What {ending.matchers.join(', ')} hides and still fires is told at once. It would have ended {absolute(ending.endsAt)}.</>}
          act={async () => {
            await raw('DELETE', `/api/v1/silences/${encodeURIComponent(ending.id)}`);
            await queries.invalidateQueries({ queryKey: ['alerts'] });
          }}
          onClose={() => setEnding(undefined)}
          command={() => line('muster', 'silence', 'expire', ending.id)}
        />
      )}
      {matchers !== undefined && <NewSilence begun={matchers.trim() === '' ? [''] : matchers.split('\n')} onClose={() => void navigate({ search: ({ matchers: _, ...before }) => before, replace: true })} />}
    </Alerting>
  );
}

/** Matchers as one types them, with what they would hide now. */
function NewSilence({ begun, onClose }: { begun: string[]; onClose: () => void }) {
  const [typed, setTyped] = useState(begun);
  const [duration, setDuration] = useState('2h');
  const queries = useQueryClient();
  const wanted = typed.map((each) => each.trim()).filter((each) => each !== '');
  const matchers = wanted.map(quoted).filter((each) => each !== undefined);
  const complete = wanted.length > 0 && matchers.length === wanted.length;
  const preview = useQuery({
    queryKey: ['alerts', 'silence-preview', matchers],
    enabled: complete,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => (await (await raw('POST', '/api/v1/silences/preview', { matchers })).json()) as Schemas['SilencePreview'],
  });
  return (
    <Ask
      verb="Silence"
      name={complete ? matchers.join(', ') : '…'}
      consequence="Nobody is told of alerts with all of these labels until the time is over. What fires still fires, and is told when the silence ends."
      says={{ label: 'Comment', description: 'why; the others see it beside what is hidden', required: true }}
      ready={complete && preview.data !== undefined && !preview.isPlaceholderData && !preview.error}
      act={async (comment) => {
        await raw('POST', '/api/v1/silences', { matchers, duration, comment });
        await queries.invalidateQueries({ queryKey: ['alerts'] });
      }}
      onClose={onClose}
      command={(comment) => line('muster', 'silence', 'add', ...(complete ? matchers : ['LABEL=VALUE']), '-d', duration, '-m', comment === '' ? 'COMMENT' : comment)}
    >
      <Stack gap={6}>
        <Text size="sm" fw={500}>All of these have to match</Text>
        {typed.map((each, index) => (
          <Group key={index} gap={6} wrap="nowrap" align="flex-start">
            <TextInput
              aria-label={`matcher ${index + 1}`}
              placeholder={'site="hall-3", alertname=~"Disk.*", severity!=page'}
              value={each}
              onChange={(event) => setTyped(typed.map((other, at) => (at === index ? event.currentTarget.value : other)))}
              error={each.trim() !== '' && quoted(each) === undefined ? 'is no matcher: write LABEL="VALUE", or != =~ !~ instead of =' : undefined}
              style={{ flex: 1 }}
              spellCheck={false}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            />
            {typed.length > 1 && <Button variant="subtle" color="gray" px={8} aria-label={`without matcher ${index + 1}`} onClick={() => setTyped(typed.filter((_, at) => at !== index))}><IconX size={16} /></Button>}
          </Group>
        ))}
        <Group><Button size="compact-sm" variant="default" onClick={() => setTyped([...typed, ''])}>And…</Button></Group>
      </Stack>
      <Select label="For" data={TIMES} value={duration} onChange={(next) => setDuration(next ?? '2h')} allowDeselect={false} w={160} />
      {preview.error && <Problem what="What it would hide cannot be told" error={preview.error} />}
      {!complete ? <Notice color="gray" icon={<IconInfoCircle />} p="xs"><Text size="sm">Without a matcher it would hide everything.</Text></Notice> : preview.data && <Notice color="gray" icon={<IconBellOff />} p="xs"><Hides preview={preview.data} /></Notice>}
    </Ask>
  );
}
