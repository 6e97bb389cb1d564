import { Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { api, data } from '../../api/client';
import { useMe } from '../../shell/Session';
import { short } from '../../ui/axis';
import { Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { begin, gapped, millis, told, type Change } from './changes';
import { MarkedChart, type Mark } from './MarkedChart';
import classes from './oncall.module.css';

export const WINDOWS = ['1h', '6h', '24h', '7d'] as const;
const LISTED = 40;

/** The fleet over time, and what was changed of it: what bent, and what may have bent it, side by side. */
export function FleetGraph({ window, onWindow }: { window: string; onWindow: (wanted: string) => void }) {
  const { scope } = useMe();
  const [looked, setLooked] = useState<string>();
  const history = useQuery({
    queryKey: ['fleet', 'history', window],
    enabled: !scope,
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/fleet/history', { params: { query: { window } } })),
    refetchInterval: 30_000,
  });
  const changes = useQuery({
    queryKey: ['rollouts', 'changes', window],
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/fleet/changes', { params: { query: { window } } })),
    refetchInterval: 30_000,
  });
  const marks = useMemo<Mark[]>(() => (changes.data?.changes ?? []).map(({ id, at }) => ({ key: String(id), at: new Date(at).getTime() / 1000 })), [changes.data]);
  const drawn = useMemo(() => {
    if (history.data === undefined) return undefined;
    const { points, commands, step, to, since } = history.data;
    const from = begin(history.data.from, to, since);
    const all = gapped(points.map(({ at, online, messages }) => ({ at: new Date(at).getTime(), online: online ?? null, messages: messages ?? null })), millis(step), (at) => ({ at, online: null, messages: null }));
    return {
      from,
      to: new Date(to).getTime() / 1000,
      xs: all.map(({ at }) => at / 1000),
      online: all.map(({ online }) => (online === null ? null : online * 100)),
      messages: all.map(({ messages }) => messages),
      commandXs: commands.map(({ at }) => new Date(at).getTime() / 1000),
      failed: commands.map(({ failed }) => failed),
      failures: commands.reduce((sum, { failed }) => sum + failed, 0),
      ended: commands.reduce((sum, { ended }) => sum + ended, 0),
    };
  }, [history.data]);
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>The fleet, and what was changed</Title>
        <SegmentedControl aria-label="range" size="xs" data={[...WINDOWS]} value={window} onChange={onWindow} />
      </Group>
      <div className={classes.graph}>
        <div>
          {scope ? <Text size="sm" c="dimmed">The graph counts all assets of the fleet, so it needs the whole scope.</Text> : history.error ? <Problem what="The graph cannot be shown" error={history.error} retry={() => void history.refetch()} /> : drawn === undefined ? <Loading what="loading the graph…" /> : (
            <Stack gap="xs">
              <Chart title="Online" now={last(drawn.online, (value) => `${percent(value)} of the assets`)} known={drawn.xs.length > 0} young={history.data?.since}>
                <MarkedChart label="assets online" xs={drawn.xs} ys={drawn.online} from={drawn.from} to={drawn.to} marks={marks} marked={looked} format={(value) => `${Number(value.toFixed(2))} %`} leastSpan={4} most={100} />
              </Chart>
              <Chart title="Messages received" now={last(drawn.messages, (value) => `${short(Number(value.toPrecision(3)))} a second`)} known={drawn.messages.some((value) => value !== null)} young={history.data?.since}>
                <MarkedChart label="messages a second" xs={drawn.xs} ys={drawn.messages} from={drawn.from} to={drawn.to} marks={marks} marked={looked} height={110} />
              </Chart>
              <Chart title="Commands that failed" now={drawn.ended === 0 ? 'none was given' : `${drawn.failures.toLocaleString()} of ${drawn.ended.toLocaleString()}, by when they were given`} known={drawn.commandXs.length > 0} none={drawn.commandXs.length === 0 ? 'None was given in this time, or none is counted yet: that takes up to five minutes.' : undefined}>
                <MarkedChart label="commands that failed" xs={drawn.commandXs} ys={drawn.failed} from={drawn.from} to={drawn.to} marks={marks} marked={looked} bars height={96} />
              </Chart>
            </Stack>
          )}
        </div>
        <div>
          <Text size="sm" fw={600} mb={6}>Changes{changes.data && <Text span inherit c="dimmed" fw={400}>, {changes.data.changes.length.toLocaleString()}{changes.data.more ? '+' : ''} in {window}</Text>}</Text>
          {changes.error && <Problem what="The changes cannot be shown" error={changes.error} />}
          {changes.data?.changes.length === 0 && <Text size="sm" c="dimmed">Nothing was changed: no rollout, release, configuration, type, group, runbook, silence or command to many.</Text>}
          <div className={classes.scroll} tabIndex={0} role="region" aria-label="changes">
            <ul className={classes.changes}>
              {changes.data?.changes.slice(0, LISTED).map((change) => (
                <li key={change.id} data-looked={looked === String(change.id)} onMouseEnter={() => setLooked(String(change.id))} onMouseLeave={() => setLooked(undefined)} onFocus={() => setLooked(String(change.id))} onBlur={() => setLooked(undefined)}>
                  <Text size="sm" lh={1.35}><What change={change} /></Text>
                  <Text size="xs" c="dimmed" truncate title={`by ${change.actor}`}><Ago at={change.at} />, by {called(change.actor)}</Text>
                </li>
              ))}
            </ul>
          </div>
          {changes.data !== undefined && changes.data.changes.length > LISTED && <LinkText to="/audit" size="xs">all in the audit trail</LinkText>}
        </div>
      </div>
    </Card>
  );
}

function Chart({ title, now, known, young, none, children }: { title: string; now: string; known: boolean; young?: string | undefined; none?: string | undefined; children: ReactNode }) {
  return (
    <div>
      <Group justify="space-between" gap="xs"><Text size="sm" fw={600}>{title}</Text><Text size="xs" c="dimmed" className="num">{now}</Text></Group>
      {known ? children : <Text size="sm" c="dimmed" py="sm">{none ?? (young === undefined ? 'Nobody has looked yet: the first look is some seconds after the start, then one a minute.' : 'Not known yet; it is after the second look, a minute later.')}</Text>}
    </div>
  );
}

function last(values: (number | null)[], say: (value: number) => string): string {
  const value = values.findLast((each) => each !== null);
  return value == null ? 'unknown' : say(value);
}

/** Never 100 % when it is not. */
function percent(value: number): string {
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${value.toFixed(value === 100 || value === 0 ? 0 : 1)} %`;
}

function What({ change }: { change: Change }) {
  const { noun, did } = told(change);
  const { objectKind, objectName: name, title } = change;
  const link =
    objectKind === 'rollout' ? <LinkText to="/rollouts/$name" params={{ name }} size="sm" underline="always">{name}</LinkText>
    : objectKind === 'release' ? <LinkText to="/releases/$name" params={{ name }} size="sm" underline="always">{name}</LinkText>
    : objectKind === 'configuration' ? <LinkText to="/configurations/$name" params={{ name }} size="sm" underline="always">{name}</LinkText>
    : objectKind === 'runbook' ? <LinkText to="/runbooks/$name" params={{ name }} size="sm" underline="always">{name}</LinkText>
    : objectKind === 'command-run' ? <LinkText to="/commands/runs/$id" params={{ id: name }} size="sm" underline="always">{title}</LinkText>
    : objectKind === 'silence' ? <LinkText to="/silences" search={{ state: 'all' }} size="sm" underline="always">{title === '' || title === name ? 'one' : title}</LinkText>
    : objectKind === 'gameday' ? <LinkText to="/gamedays" search={{ day: name }} size="sm" underline="always">{title === '' || title === name ? 'one' : title}</LinkText>
    : <LinkText to="/audit" search={{ object: `${objectKind}/${name}` }} size="sm" underline="always">{/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? (title === '' || title === name ? 'one' : title) : name}</LinkText>;
  return <>{noun} {link} {did}</>;
}

