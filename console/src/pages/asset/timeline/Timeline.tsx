import { ActionIcon, Alert, Card, Chip, Group, SegmentedControl, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconArrowLeft, IconArrowRight, IconLock, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api, data } from '../../../api/client';
import { onEvent } from '../../../api/stream';
import { moment } from '../../../ui/axis';
import { CommandLine, Empty, Loading, Problem } from '../../../ui/feedback';
import { LinkText } from '../../../ui/links';
import { line } from '../../../ui/shell';
import { State } from '../../../ui/state';
import { absolute, inOurTime, span, useNow } from '../../../ui/time';
import { useZone } from '../../../ui/zone';
import { Axis } from './Axis';
import { endOf, looksAs, nearest, type Entry } from './layout';
import classes from './timeline.module.css';
import { MINUTE, RANGES, USUAL, bounded, iso, moved, time, windowOf, zoomed, type Window } from './window';

const route = getRouteApi('/assets/$id');

/** The lanes in the order of the server, as people call them. */
const LANES: Record<string, string> = {
  presence: 'Presence', restarts: 'Restarts', commands: 'Commands', rollouts: 'Rollouts', configuration: 'Configuration', alerts: 'Alerts',
  incidents: 'Incidents', certificates: 'Certificates', events: 'Events', files: 'Files', record: 'Record',
};
/** Entries of each lane that are asked for. */
const LIMIT = 500;
/** When the address follows what is dragged. */
const SETTLED = 250;

const REASONS: Record<string, string> = {
  session_opened: 'it connected', sign_of_life: 'it gave a sign of life', silent: 'silent for longer than its type allows', server_restart: 'did not come back after a restart of the server',
};

/** What happened to an asset, on one axis that can be zoomed, and as a list. */
export function Timeline({ id }: { id: string }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/assets/$id' });
  const queries = useQueryClient();
  const now = useNow();
  const [draft, setDraft] = useState<Window>();
  const addressed = windowOf(search, now);
  const shown = draft ?? addressed;
  const live = draft === undefined && addressed.live;
  const hidden = useMemo(() => new Set(search.hide?.split(',') ?? []), [search.hide]);
  const at = time(search.at);

  const say = useDebouncedCallback((window: Window) => {
    void navigate({ search: ({ range: _, ...before }) => ({ ...before, from: iso(window.from), to: iso(window.to) }), replace: true });
  }, SETTLED);
  // What is dragged is shown at once; when the address has come to say the same, it counts again.
  useEffect(() => setDraft(undefined), [search.from, search.to, search.range]);
  const go = useCallback((window: Window) => {
    const next = bounded(window, Date.now());
    setDraft(next);
    say(next);
  }, [say]);
  const follow = (range: string) => {
    setDraft(undefined);
    void navigate({ search: ({ from: _, to: __, at: ___, ...before }) => ({ ...before, range }), replace: true });
  };

  // What is asked for has round ends, so that following now does not ask for another span with each tick.
  const grain = live ? 5_000 : 1_000;
  const asked = { from: Math.floor(addressed.from / grain) * grain, to: Math.ceil(addressed.to / grain) * grain };
  const answer = useQuery({
    queryKey: ['timeline', id, live ? (search.range ?? USUAL) : [asked.from, asked.to]],
    queryFn: () => data(api.GET('/api/v1/assets/{id}/timeline', { params: { path: { id }, query: { from: iso(asked.from), to: iso(asked.to + 1_000), limit: LIMIT } } })),
    placeholderData: keepPreviousData,
    refetchInterval: asked.to > now - MINUTE ? 10_000 : 60_000,
  });
  useEffect(() => {
    let timer: number | undefined;
    const stop = onEvent((event) => {
      if (event.subject !== `asset/${id}` && !/^(alert|incident|rollout)\./.test(event.type)) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ['timeline', id] });
      }, 1_500);
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [id, queries]);

  const entries = useMemo(
    () => (answer.data?.entries ?? []).map((entry) => (entry.lane === 'presence' ? { ...entry, reason: REASONS[entry.reason] ?? entry.reason.replaceAll('_', ' ') } : entry)),
    [answer.data],
  );
  const inView = useMemo(
    () => entries.filter((entry) => !hidden.has(entry.lane) && Date.parse(entry.at) <= shown.to && endOf(entry, now) >= shown.from),
    [entries, hidden, shown.from, shown.to, now],
  );
  const lanes = useMemo(
    () => (answer.data?.lanes ?? []).filter((lane) => lane.withheld === undefined && !hidden.has(lane.lane)).map((lane) => ({
      lane: lane.lane, title: LANES[lane.lane] ?? lane.lane, entries: entries.filter((entry) => entry.lane === lane.lane),
    })),
    [answer.data, entries, hidden],
  );

  if (answer.error && !answer.data) return <Problem what="The timeline cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what={`looking up what happened to ${id}…`} />;
  const withheld = answer.data.lanes.filter((lane) => lane.withheld !== undefined);
  const cut = answer.data.lanes.filter((lane) => !lane.complete && !hidden.has(lane.lane));
  const mark = (moment: number | undefined) => void navigate({ search: ({ at: _, ...before }) => ({ ...before, ...(moment === undefined ? {} : { at: iso(moment) }) }), replace: true });
  return (
    <Stack gap="sm">
      <Group gap="xs" justify="space-between">
        <SegmentedControl aria-label="up to now" size="xs" data={Object.keys(RANGES)} value={live ? (search.range ?? USUAL) : ''} onChange={follow} />
        <Group gap={4}>
          <Button label="earlier" act={() => go(moved(shown, -0.5, now))}><IconArrowLeft size={16} /></Button>
          <Button label="zoom in" act={() => go(zoomed(shown, 0.5, at !== undefined && at > shown.from && at < shown.to ? at : (shown.from + shown.to) / 2, now))}><IconZoomIn size={16} /></Button>
          <Button label="zoom out" act={() => go(zoomed(shown, 2, (shown.from + shown.to) / 2, now))}><IconZoomOut size={16} /></Button>
          <Button label="later" act={() => go(moved(shown, 0.5, now))} off={live}><IconArrowRight size={16} /></Button>
        </Group>
      </Group>
      <Chip.Group multiple value={answer.data.lanes.map((lane) => lane.lane).filter((lane) => !hidden.has(lane))} onChange={(kept) => {
        const without = answer.data.lanes.map((lane) => lane.lane).filter((lane) => !kept.includes(lane)).join(',');
        void navigate({ search: ({ hide: _, ...before }) => ({ ...before, ...(without === '' ? {} : { hide: without }) }), replace: true });
      }}>
        <Group gap={6}>
          {answer.data.lanes.filter((lane) => lane.withheld === undefined).map((lane) => <Chip key={lane.lane} value={lane.lane} size="xs" radius="sm" variant="light">{LANES[lane.lane] ?? lane.lane}{lane.count > 0 && <Text span inherit className="num"> {lane.count}{lane.complete ? '' : '+'}</Text>}</Chip>)}
        </Group>
      </Chip.Group>
      {answer.error && <Problem what="What is shown is not up to date" error={answer.error} retry={() => void answer.refetch()} />}
      <div className={classes.split}>
        <Card padding="sm">
          <Axis
            lanes={lanes}
            window={shown}
            now={now}
            at={at}
            onZoom={(factor, under) => go(zoomed(shown, factor, under ?? at ?? (shown.from + shown.to) / 2, now))}
            onMove={(share) => go(moved(shown, share, now))}
            onWindow={go}
            onReset={() => follow(USUAL)}
            onAt={(moment) => mark(moment)}
          />
          <Group justify="space-between" mt={6} gap="xs">
            <Text size="xs" c="dimmed" className="num">{absolute(shown.from)} to {live ? 'now' : absolute(shown.to)} ({span((shown.to - shown.from) / 1000)})</Text>
            <Text size="xs" c="dimmed">Drag to zoom, click for a moment; wheel with Ctrl, or keys + − ← → 0 on the axis.</Text>
          </Group>
          {cut.length > 0 && <Text size="xs" c="dimmed" mt={4}>{cut.map((lane) => LANES[lane.lane] ?? lane.lane).join(', ')}: only the newest {LIMIT} of this span; zoom in for the older ones.</Text>}
          {withheld.map((lane) => <Alert key={lane.lane} color="gray" icon={<IconLock size={15} />} p={6} mt={6}><Text size="xs">{LANES[lane.lane] ?? lane.lane} are not shown: {lane.withheld}</Text></Alert>)}
        </Card>
        <Entries id={id} entries={inView} at={at} now={now} onAt={mark} />
      </div>
      <CommandLine label="same by command" command={line('muster', 'timeline', id, '--from', iso(asked.from), ...(live ? [] : ['--to', iso(asked.to)]))} />
    </Stack>
  );
}

function Button({ label, act, off, children }: { label: string; act: () => void; off?: boolean; children: React.ReactNode }) {
  return <Tooltip label={label}><ActionIcon variant="default" size="md" aria-label={label} onClick={act} disabled={off === true}>{children}</ActionIcon></Tooltip>;
}

/** In the order of time, newest first; the one at the chosen moment is brought into view. */
function Entries({ id, entries, at, now, onAt }: { id: string; entries: Entry[]; at: number | undefined; now: number; onAt: (at: number) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: entries.length, getScrollElement: () => scroller.current, estimateSize: () => 62, overscan: 8 });
  const zone = useZone();
  const long = entries.length > 1 && Date.parse(entries[0]?.at ?? '') - Date.parse(entries.at(-1)?.at ?? '') > 86_400_000;
  const marked = at === undefined ? -1 : nearest(entries, at, now);
  const chosen = entries[marked];
  useEffect(() => {
    if (marked >= 0) virtual.scrollToIndex(marked, { align: 'center' });
    // Only when another one is chosen: not when the list is asked for again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chosen?.at, chosen?.title, chosen?.lane]);
  if (entries.length === 0) return <Card><Empty title="Nothing happened in this span">No change, command, alert or event is known of it. Zoom out, or look at another time.</Empty></Card>;
  return (
    <div className={classes.list} ref={scroller} tabIndex={0}>
      <ol aria-label="what happened, newest first" style={{ height: virtual.getTotalSize(), position: 'relative', margin: 0, padding: 0, listStyle: 'none' }}>
        {virtual.getVirtualItems().map((item) => {
          const entry = entries[item.index] as Entry;
          return (
            <li key={item.key} ref={virtual.measureElement} data-index={item.index} className={classes.entry} style={{ transform: `translateY(${item.start}px)` }} data-at={item.index === marked || undefined} aria-current={item.index === marked || undefined} aria-posinset={item.index + 1} aria-setsize={entries.length}>
              <Group gap={6} justify="space-between" wrap="nowrap">
                <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
                  <span className={classes.state}><State value={entry.state} as={looksAs(entry)} /></span>
                  <Opens id={id} entry={entry} />
                </Group>
                <UnstyledButton onClick={() => onAt(Date.parse(entry.at))} title="show this moment on the axis">
                  <Text size="xs" c="dimmed" className={classes.when ?? ''}><time dateTime={entry.at} title={absolute(entry.at)}>{moment(Date.parse(entry.at) / 1000, long ? 86_401 : 1, zone)}</time></Text>
                </UnstyledButton>
              </Group>
              <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {LANES[entry.lane] ?? entry.lane}{entry.open ? `, for ${span((now - Date.parse(entry.at)) / 1000)}` : entry.until !== undefined && Date.parse(entry.until) > Date.parse(entry.at) ? `, for ${span((Date.parse(entry.until) - Date.parse(entry.at)) / 1000)}` : ''}{entry.reason && `: ${inOurTime(entry.reason)}`}
              </Text>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** The name of an entry, which leads to the object. */
function Opens({ id, entry }: { id: string; entry: Entry }) {
  const title = entry.title === entry.state && entry.object === undefined ? (LANES[entry.lane] ?? entry.title) : entry.title;
  const name = entry.object?.name ?? '';
  const here = { size: 'sm' as const, truncate: true as const, to: '/assets/$id' as const, params: { id } };
  switch (entry.object?.kind ?? entry.lane) {
    case 'command':
      return <LinkText {...here} search={{ tab: 'commands', command: name }}>{title}</LinkText>;
    case 'rollout':
      return <LinkText to="/rollouts/$name" params={{ name }} search={{ tab: 'targets', asset: id }} size="sm" truncate>{title}</LinkText>;
    case 'alert':
      return <LinkText to="/alerts/$fingerprint" params={{ fingerprint: name }} size="sm" truncate>{title}</LinkText>;
    case 'incident':
      return <LinkText to="/incidents/$number" params={{ number: name }} size="sm" truncate>{title}</LinkText>;
    case 'certificate':
      return <LinkText {...here} search={{ tab: 'certificates' }}>{title}</LinkText>;
    case 'twin':
      return <LinkText {...here} search={{ tab: 'twin' }}>{title}</LinkText>;
    case 'file':
      return <LinkText {...here} search={{ tab: 'files' }}>{title}</LinkText>;
    case 'events':
      return <LinkText {...here} search={{ tab: 'events' }}>{title}</LinkText>;
    case 'presence':
      return <LinkText {...here} search={{ tab: 'presence' }}>{title}</LinkText>;
    default:
      return <Text size="sm" truncate>{title}</Text>;
  }
}
