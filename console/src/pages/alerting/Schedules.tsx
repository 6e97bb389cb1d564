import { Box, Button, Card, Group, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { Ago, absolute, useNow } from '../../ui/time';
import { called } from '../../ui/words';
import { Alerting } from './Alerting';
import { days, nowAndNext, type Block } from './alerting';

const route = getRouteApi('/schedules');
const DAY = 86_400_000;
/** Grounds on which their names can be read, in both schemes. */
const GROUNDS = ['cyan', 'grape', 'teal', 'orange', 'indigo', 'pink', 'lime', 'violet'];

export default function Schedules() {
  const { week } = route.useSearch();
  const navigate = useNavigate({ from: '/schedules' });
  const offset = Number.isInteger(Number(week ?? 0)) ? Math.max(-8, Math.min(8, Number(week ?? 0))) : 0;
  const list = usePages<Schemas['DeclaredObject']>(['on-call-schedules'], '/api/v1/on-call-schedules', { limit: 100 }, 60_000);
  const go = (by: number) => void navigate({ search: offset + by === 0 ? {} : { week: String(offset + by) }, replace: true });
  return (
    <Alerting
      title="Schedules"
      note="who is called now, who is next, and who stands in"
      actions={<Group gap={6}><Button variant="default" px={8} aria-label="the week before" onClick={() => go(-1)} disabled={offset <= -8}><IconChevronLeft size={16} /></Button><Button variant="default" onClick={() => go(-offset)} disabled={offset === 0}>Today</Button><Button variant="default" px={8} aria-label="the next week" onClick={() => go(1)} disabled={offset >= 8}><IconChevronRight size={16} /></Button></Group>}
    >
      {list.error ? (
        <Problem what="The schedules cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading schedules…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="Nobody is on call" command="muster apply -f examples/alerts/alerts.yaml">A schedule has people in turns, by the clock of a time zone; a receiver with the channel onCall reaches whoever is on call then.</Empty></Card>
      ) : (
        list.rows.map((schedule) => <Schedule key={schedule.metadata.name} name={schedule.metadata.name} offset={offset} />)
      )}
      <CommandLine label="same by command" command="muster oncall now" />
    </Alerting>
  );
}

function Schedule({ name, offset }: { name: string; offset: number }) {
  const now = useNow();
  const today = new Date();
  const from = new Date(today.getFullYear(), today.getMonth(), today.getDate() + offset * 7);
  const begin = new Date(Math.min(from.getTime(), today.getTime())).toISOString();
  const to = new Date(Math.max(from.getTime(), today.getTime()) + 35 * DAY).toISOString();
  const [asked, setAsked] = useState(false);
  const [ending, setEnding] = useState<Schemas['Standing']>();
  const lacks = useMay('alerting');
  const queries = useQueryClient();
  const calendar = useQuery({
    queryKey: ['on-call', name, offset, today.toDateString()],
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/on-call/{schedule}/calendar', { params: { path: { schedule: name }, query: { from: offset > 0 ? new Date(today.getFullYear(), today.getMonth(), today.getDate()).toISOString() : begin, to } } })),
    refetchInterval: 60_000,
  });
  if (calendar.error) return <Problem what={`${name} cannot be shown`} error={calendar.error} retry={() => void calendar.refetch()} />;
  if (!calendar.data) return <Loading what={`loading ${name}…`} />;
  const { shifts, overrides, timeZone } = calendar.data;
  const duty = nowAndNext(shifts, now);
  const people = [...new Set(shifts.map((shift) => shift.person))].sort();
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <div><Title order={2}>{name}</Title><Text size="xs" c="dimmed">turns change by the clock of {timeZone}; shown in your time</Text></div>
        <Button variant="light" leftSection={<IconUserPlus size={16} />} disabled={lacks !== undefined} title={lacks} onClick={() => setAsked(true)}>Stand in…</Button>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mb="md">
        <div><Text size="xs" c="dimmed">on call now</Text><Text fz={22} fw={650}>{duty.now?.person ?? 'nobody'}</Text><Text size="xs" c="dimmed">{duty.now ? <>until {absolute(duty.now.to)}{duty.now.override && ', standing in'}</> : 'whoever should be called is not: alerts on this schedule reach nobody'}</Text></div>
        <div><Text size="xs" c="dimmed">next</Text><Text fz={22} fw={650}>{duty.next?.person ?? '–'}</Text><Text size="xs" c="dimmed">{duty.next ? <>from {absolute(duty.next.from)}, <Ago at={duty.next.from} /></> : 'nobody else within five weeks'}</Text></div>
      </SimpleGrid>
      <Stack gap={3} role="table" aria-label={`the week of ${name}`}>
        {days(shifts, from, 7).map(({ day, blocks }) => (
          <Group key={day.toISOString()} gap="sm" wrap="nowrap" role="row">
            <Text size="xs" w={92} role="rowheader" fw={day.toDateString() === today.toDateString() ? 700 : 400} className="num" style={{ flexShrink: 0 }}>{day.toLocaleDateString(undefined, { weekday: 'short', day: '2-digit', month: 'short' })}</Text>
            <Box role="cell" style={{ position: 'relative', flex: 1, height: 26, borderRadius: 4, background: 'var(--mantine-color-default-hover)', overflow: 'hidden' }}>
              {blocks.length === 0 && <Text size="xs" c="dimmed" px={6} lh="26px">nobody</Text>}
              {blocks.map((block) => <Turn key={block.from + block.person} block={block} ground={GROUNDS[people.indexOf(block.person) % GROUNDS.length] ?? 'cyan'} />)}
              {day.toDateString() === today.toDateString() && <Box aria-hidden style={{ position: 'absolute', top: 0, bottom: 0, left: `${((now - day.getTime()) / DAY) * 100}%`, width: 2, background: 'var(--mantine-color-red-7)' }} />}
            </Box>
          </Group>
        ))}
      </Stack>
      {overrides.length > 0 && (
        <Stack gap={4} mt="md">
          <Text size="sm" fw={600}>Standing in</Text>
          {overrides.map((each) => (
            <Group key={each.id} justify="space-between" gap="xs">
              <Text size="sm"><b>{each.person}</b> from {absolute(each.startsAt)} to {absolute(each.endsAt)}, by {called(each.createdBy)}</Text>
              <Button size="compact-xs" variant="default" disabled={lacks !== undefined} title={lacks} onClick={() => setEnding(each)}>End it…</Button>
            </Group>
          ))}
        </Stack>
      )}
      {asked && <StandIn schedule={name} onClose={() => setAsked(false)} />}
      {ending && (
        <Ask
          verb="End"
          name={`${ending.person} standing in`}
          consequence="Whoever has the turn by the rotation is called again, at once."
          act={async () => {
            await raw('DELETE', `/api/v1/on-call/${encodeURIComponent(name)}/overrides/${encodeURIComponent(ending.id)}`);
            await queries.invalidateQueries({ queryKey: ['on-call'] });
          }}
          onClose={() => setEnding(undefined)}
        />
      )}
    </Card>
  );
}

function Turn({ block, ground }: { block: Block; ground: string }) {
  return (
    <Box
      title={`${block.person}${block.override ? ', standing in' : ''}: ${absolute(block.from)} to ${absolute(block.to)}`}
      style={{ position: 'absolute', left: `${block.left * 100}%`, width: `calc(${block.width * 100}% - 1px)`, top: 0, bottom: 0, background: `light-dark(var(--mantine-color-${ground}-1), color-mix(in srgb, var(--mantine-color-${ground}-9), black 35%))`, borderLeft: `3px ${block.override ? 'dashed' : 'solid'} var(--mantine-color-${ground}-6)`, overflow: 'hidden' }}
    >
      <Text size="xs" px={6} lh="26px" truncate>{block.person}{block.override && ' (stands in)'}</Text>
    </Box>
  );
}

const local = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function StandIn({ schedule, onClose }: { schedule: string; onClose: () => void }) {
  const receivers = usePages<Schemas['DeclaredObject']>(['receivers'], '/api/v1/receivers', { limit: 500 });
  const [person, setPerson] = useState<string | null>(null);
  const [from, setFrom] = useState(() => local(new Date()));
  const [to, setTo] = useState(() => local(new Date(Date.now() + DAY)));
  const queries = useQueryClient();
  const begins = new Date(from);
  const ends = new Date(to);
  const valid = !Number.isNaN(begins.getTime()) && !Number.isNaN(ends.getTime()) && begins < ends;
  return (
    <Ask
      verb="Stand in"
      name={`on ${schedule}`}
      consequence="Is called instead of whoever has the turn, from then to then. Nobody is told of that by Muster: tell them."
      ready={person !== null && valid}
      act={async () => {
        await raw('POST', `/api/v1/on-call/${encodeURIComponent(schedule)}/overrides`, { person, from: begins.toISOString(), to: ends.toISOString() });
        await queries.invalidateQueries({ queryKey: ['on-call'] });
      }}
      onClose={onClose}
      command={() => line('muster', 'oncall', 'override', schedule, person ?? 'PERSON', '--from', valid ? begins.toISOString() : 'TIME', '--to', valid ? ends.toISOString() : 'TIME')}
    >
      <Select label="Person" description="a receiver" searchable data={receivers.rows.map((receiver) => receiver.metadata.name)} value={person} onChange={setPerson} required />
      <Group grow>
        <TextInput type="datetime-local" label="From" value={from} onChange={(event) => setFrom(event.currentTarget.value)} required />
        <TextInput type="datetime-local" label="To" value={to} onChange={(event) => setTo(event.currentTarget.value)} error={valid ? undefined : 'has to be after the beginning'} required />
      </Group>
    </Ask>
  );
}
