import { ActionIcon, Card, Group, Kbd, Text, Title, Tooltip } from '@mantine/core';
import { IconBellOff, IconBook2, IconUserCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { raw } from '../../api/client';
import { useKeys, type KeyAction } from '../../shell/keymap';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { Empty } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Since } from '../../ui/time';
import { Silence } from '../alerts/Silence';
import { cannotAcknowledge, labelsOf, settled, step, type Need } from './needs';
import classes from './oncall.module.css';
import { RunRunbook } from './RunRunbook';

type Asked = { what: 'acknowledge' | 'silence' | 'runbook'; need: Need };

/** What needs somebody, one below the other, to be worked off with the keyboard. */
export function Needs({ needs, at, onAt, more }: { needs: Need[]; at: string | undefined; onAt: (key: string | undefined) => void; more: boolean }) {
  const [asked, setAsked] = useState<Asked>();
  const rows = useRef<HTMLUListElement>(null);
  const alert = useMay('alert');
  const incident = useMay('incident');
  const alerting = useMay('alerting');
  const runbooks = useMay('runbook');
  const cannot = (what: Asked['what'], need: Need): string | undefined => {
    if (what === 'acknowledge') return (need.kind === 'incident' ? incident : alert) ?? cannotAcknowledge(need);
    if (what === 'silence') return need.kind === 'alert' ? alerting : 'only an alert can be silenced';
    return runbooks;
  };
  const here = needs.find(({ key }) => key === at);
  const move = (by: 1 | -1) => {
    const next = step(needs, at, by);
    onAt(next);
    if (next !== undefined) (rows.current?.querySelector(`[data-key="${CSS.escape(next)}"] a`) as HTMLElement | null)?.focus();
  };
  const ask = (what: Asked['what'], does: string): KeyAction => ({
    does,
    lacks: here === undefined ? 'choose one with j or k' : cannot(what, here),
    act: () => here !== undefined && setAsked({ what, need: here }),
  });
  // Enter on a link or a button does what it always does.
  const open = (event: KeyboardEvent) =>
    ((event.target as HTMLElement | null)?.closest<HTMLElement>('a, button') ?? rows.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(at ?? '')}"] a`))?.click();
  useKeys('On call', {
    j: { does: 'next', act: () => move(1) },
    k: { does: 'the one before', act: () => move(-1) },
    Enter: { does: 'open it', act: open },
    a: ask('acknowledge', 'acknowledge: you look after it'),
    s: ask('silence', 'silence, with a preview of what that hides'),
    r: ask('runbook', 'run a runbook, with what it would do'),
  });
  const waiting = needs.filter((need) => !settled(need)).length;
  return (
    <Card>
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2}>Needs somebody now <Text span inherit fw={500} c="dimmed" className="num">{waiting.toLocaleString()}{more ? '+' : ''}</Text></Title>
        <Text size="xs" c="dimmed" visibleFrom="sm"><Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> move · <Kbd size="xs">a</Kbd> acknowledge · <Kbd size="xs">s</Kbd> silence · <Kbd size="xs">r</Kbd> runbook · <Kbd size="xs">Enter</Kbd> open</Text>
      </Group>
      {needs.length === 0 ? (
        <Empty title="Nothing needs you">No incident is open, no alert fires, no rollout waits. That says something only of what <LinkText to="/alert-rules" size="sm" underline="always">the rules</LinkText> look at, and of assets with fresh data.</Empty>
      ) : (
        <ul className={classes.needs} ref={rows} aria-label="what needs somebody now">
          {needs.map((need) => (
            <li key={need.key} className={classes.need} data-key={need.key} data-at={need.key === at} data-settled={settled(need)} onFocus={() => need.key !== at && onAt(need.key)}>
              <State value={need.severity} />
              <span className={classes.title}><Name need={need} /></span>
              <span><State value={need.state} as={need.kind === 'incident' && need.state === 'open' ? 'firing' : undefined} /></span>
              <Text size="sm" truncate className={classes.wide ?? ''} title={need.owner || undefined} {...(need.owner === '' ? { c: 'dimmed' } : {})}>{need.owner || (settled(need) ? '–' : 'nobody')}</Text>
              <Text size="sm" c="dimmed" className={`${classes.wide} num`}><Since at={need.since} /></Text>
              <Group gap={2} wrap="nowrap" justify="flex-end">
                <Act title="acknowledge" keys="a" cannot={cannot('acknowledge', need)} act={() => setAsked({ what: 'acknowledge', need })} icon={IconUserCheck} of={need.title} />
                <Act title="silence" keys="s" cannot={cannot('silence', need)} act={() => setAsked({ what: 'silence', need })} icon={IconBellOff} of={need.title} />
                <Act title="run a runbook" keys="r" cannot={cannot('runbook', need)} act={() => setAsked({ what: 'runbook', need })} icon={IconBook2} of={need.title} />
              </Group>
            </li>
          ))}
        </ul>
      )}
      {more && <Text size="xs" c="dimmed" mt="xs">The worst are shown; all are among <LinkText to="/incidents" search={{ show: 'open' }} size="xs" underline="always">incidents</LinkText> and <LinkText to="/alerts" size="xs" underline="always">alerts</LinkText>.</Text>}
      {asked?.what === 'acknowledge' && <Acknowledge need={asked.need} onClose={() => setAsked(undefined)} />}
      {asked?.what === 'silence' && asked.need.kind === 'alert' && <Silence alert={asked.need.alert} onClose={() => setAsked(undefined)} />}
      {asked?.what === 'runbook' && <RunRunbook title={asked.need.title} labels={labelsOf(asked.need)} onClose={() => setAsked(undefined)} />}
    </Card>
  );
}

function Name({ need }: { need: Need }) {
  const title = need.about === '' ? need.title : `${need.title} (${need.about})`;
  const text = <>{need.title} <Text span size="xs" c="dimmed">{need.about}</Text></>;
  if (need.kind === 'incident') return <LinkText to="/incidents/$number" params={{ number: String(need.incident.number) }} size="sm" c="inherit" title={title}>{text}</LinkText>;
  if (need.kind === 'alert') return <LinkText to="/alerts/$fingerprint" params={{ fingerprint: need.alert.fingerprint }} size="sm" c="inherit" title={title}>{text}</LinkText>;
  return <LinkText to="/rollouts/$name" params={{ name: need.rollout.name }} size="sm" c="inherit" title={title}>{text}</LinkText>;
}

function Act({ title, keys, cannot, act, icon: Icon, of }: { title: string; keys: string; cannot: string | undefined; act: () => void; icon: typeof IconBook2; of: string }) {
  return (
    <Tooltip label={cannot === undefined ? `${title} (${keys})` : `${title}: ${cannot}`} multiline maw={300}>
      <ActionIcon variant="subtle" color="gray" aria-label={`${title}: ${of}`} aria-disabled={cannot !== undefined} {...(cannot === undefined ? {} : { 'data-disabled': true })} onClick={() => cannot === undefined && act()}>
        <Icon size={17} />
      </ActionIcon>
    </Tooltip>
  );
}

function Acknowledge({ need, onClose }: { need: Need; onClose: () => void }) {
  const queries = useQueryClient();
  if (need.kind === 'incident') {
    return (
      <Ask
        verb="Acknowledge"
        name={need.incident.name}
        consequence="Says that you look after it: its owner is you where it has none. Nothing is sent to any asset."
        act={async () => {
          await raw('POST', `/api/v1/incidents/${encodeURIComponent(need.incident.name)}/acknowledge`, {});
          await queries.invalidateQueries({ queryKey: ['incidents'] });
        }}
        onClose={onClose}
        command={() => line('muster', 'incident', 'ack', need.incident.name)}
      />
    );
  }
  if (need.kind !== 'alert') return null;
  const { fingerprint, name } = need.alert;
  return (
    <Ask
      verb="Acknowledge"
      name={name}
      consequence="Says that you look after it. Until it is over nobody is told of it again, and nobody else is called."
      says={{ label: 'Note', description: 'for the others; may be left out' }}
      act={async (note) => {
        await raw('POST', `/api/v1/alerts/${encodeURIComponent(fingerprint)}/acknowledge`, { note });
        await queries.invalidateQueries({ queryKey: ['alerts'] });
      }}
      onClose={onClose}
      command={(note) => line('muster', 'alert', 'ack', fingerprint, ...(note === '' ? [] : ['-m', note]))}
    />
  );
}
