import { Alert as Notice, Button, Card, Code, Group, List, Stack, Table, Tabs, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconBellOff, IconHelpCircle, IconInfoCircle, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Fragment, useState, type ReactNode } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { TabRow } from '../../ui/tabrow';
import { Ago, absolute, inOurTime, lasting } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { isStartedBy, labelsAsked, runbookOf, written, type Runbook } from '../runbooks/runbook';
import { routeName } from '../alerting/alerting';
import { Silence } from './Silence';
import { about, alertOf, assetsOf, type Alert } from './alert';

const route = getRouteApi('/alerts/$fingerprint');

/** Annotations that say again what the common cause counts. */
const COUNTED = new Set(['assets', 'first_assets']);

export default function AlertPage() {
  const { fingerprint } = route.useParams();
  const { tab, person } = route.useSearch();
  const navigate = useNavigate({ from: '/alerts/$fingerprint' });
  const answer = useQuery({
    queryKey: ['alerts', fingerprint],
    queryFn: () => data(api.GET('/api/v1/alerts/{fingerprint}/explain', { params: { path: { fingerprint } } })),
    refetchInterval: 10_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title="There is no such alert" command="muster alert list --state all">It is over for long, or its assets are not in your scope.</Missing>
    ) : (
      <Problem what="The alert cannot be shown" error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what="loading the alert…" />;
  const alert = alertOf(answer.data.alert);
  /** Some say their own command, which takes the place of that of the whole. */
  const tabs: { key: string; title: string; content: ReactNode; own?: boolean }[] = [
    { key: 'why', title: 'Why', content: <Evidence alert={alert} evidence={answer.data.evidence as unknown as Record<string, unknown>} /> },
    { key: 'told', title: 'Who was told', content: <Told fingerprint={fingerprint} all={answer.data.why} person={person} />, own: true },
    ...(assetsOf(alert) > 0 ? [{ key: 'assets', title: `Assets (${assetsOf(alert).toLocaleString()})`, content: <Assets fingerprint={fingerprint} />, own: true }] : []),
    { key: 'yaml', title: 'YAML', content: <YamlField label={`${alert.name} as YAML`} title="As the server knows it" value={yaml(alert)} /> },
  ];
  const chosen = tabs.find((known) => known.key === tab) ?? tabs[0];
  return (
    <Page
      title={alert.name}
      note={<Group gap="xs" mt={4}><State value={alert.severity} /><State value={alert.state} /><Text size="sm" c="dimmed" component="span"><Ago at={alert.since} />; wrong since <Ago at={alert.startsAt} />{alert.labels.owner && <>; owner {alert.labels.owner}</>}</Text></Group>}
      actions={<Actions alert={alert} />}
    >
      {alert.state === 'firing' && alert.unknownSince && (
        <Notice color="gray" icon={<IconHelpCircle />} title="Whether it is still wrong is unknown"><Text size="sm" component="span">Its source, {alert.source}, cannot tell since <Ago at={alert.unknownSince} />. It goes on firing until the source says that it is fine.</Text></Notice>
      )}
      {alert.silencedBy.length > 0 && <Notice color="gray" icon={<IconBellOff />} title="Silenced"><Silences ids={alert.silencedBy} /></Notice>}
      {alert.inhibitedBy.length > 0 && (
        <Notice color="gray" icon={<IconBellOff />} title="Held back"><Text size="sm">Another alert that fires explains it: {alert.inhibitedBy.map((other) => <LinkText key={other} to="/alerts/$fingerprint" params={{ fingerprint: other }} underline="always" mr={6}>{other}</LinkText>)}</Text></Notice>
      )}
      {alert.flapping && <Notice color="gray" icon={<IconInfoCircle />}><Text size="sm">It came and went lately; it is over only after a calm of 20 minutes.</Text></Notice>}
      <Card>
        <Stack gap={6}>
          <Text>{alert.summary}</Text>
          {Object.entries(alert.annotations).filter(([name, text]) => name !== 'summary' && text !== alert.summary && !(alert.cause && COUNTED.has(name))).map(([name, text]) => <Text key={name} size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{name === 'description' ? '' : `${name}: `}{inOurTime(text)}</Text>)}
          <Text size="sm" c="dimmed">{alert.acknowledgement ? <>looked after by <b>{alert.acknowledgement.by}</b>, who said so <Ago at={alert.acknowledgement.at} />{alert.acknowledgement.note !== '' && <>: {alert.acknowledgement.note}</>}</> : alert.state === 'firing' ? 'nobody looks after it yet' : 'nobody had to look after it'}</Text>
        </Stack>
      </Card>
      <Tabs value={chosen?.key ?? ''} onChange={(next) => void navigate({ search: next === null ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <TabRow chosen={chosen?.key ?? ''}>
          {tabs.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {tabs.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content}</Tabs.Panel>)}
      </Tabs>
      {!chosen?.own && <CommandLine label="same by command" command={line('muster', 'alert', 'explain', fingerprint)} />}
    </Page>
  );
}

function Actions({ alert }: { alert: Alert }) {
  const [asked, setAsked] = useState<'acknowledge' | 'silence'>();
  const lacks = useMay('alert');
  const lacksAlerting = useMay('alerting');
  const queries = useQueryClient();
  const settled = alert.state !== 'firing' ? `it does not fire: it is ${alert.state}` : alert.acknowledgement ? `${alert.acknowledgement.by} looks after it` : undefined;
  const cannot = lacks ?? settled;
  return (
    <>
      <Button disabled={cannot !== undefined} title={cannot} onClick={() => setAsked('acknowledge')}>Acknowledge…</Button>
      <Button variant="light" disabled={lacksAlerting !== undefined} title={lacksAlerting} onClick={() => setAsked('silence')}>Silence…</Button>
      <RunRunbook alert={alert} />
      {asked === 'acknowledge' && (
        <Ask
          verb="Acknowledge"
          name={alert.name}
          consequence="Says that you look after it. Until it is over nobody is told of it again, and nobody else is called."
          says={{ label: 'Note', description: 'for the others; may be left out' }}
          act={async (note) => {
            await raw('POST', `/api/v1/alerts/${encodeURIComponent(alert.fingerprint)}/acknowledge`, { note });
            await queries.invalidateQueries({ queryKey: ['alerts'] });
          }}
          onClose={() => setAsked(undefined)}
          command={(note) => line('muster', 'alert', 'ack', alert.fingerprint, ...(note === '' ? [] : ['-m', note]))}
        />
      )}
      {asked === 'silence' && <Silence alert={alert} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** The runbooks that are for such an alert, planned with its labels. */
function RunRunbook({ alert }: { alert: Alert }) {
  const books = usePages<Schemas['DeclaredObject']>(['runbooks'], '/api/v1/runbooks', { limit: 500 });
  const navigate = useNavigate();
  const fitting = books.rows.map(runbookOf).filter((book) => isStartedBy(book.spec, alert.labels));
  if (fitting.length === 0) return null;
  const labels = (book: Runbook) => written(Object.fromEntries(labelsAsked(book.spec).map((label) => [label, alert.labels[label] ?? ''])));
  const open = (book: Runbook) => void navigate({ to: '/runbooks/$name', params: { name: book.name }, search: { tab: 'start', labels: labels(book) } });
  return <>{fitting.slice(0, 3).map((book) => <Button key={book.name} variant="light" leftSection={<IconPlayerPlay size={16} />} onClick={() => open(book)}>{book.name}…</Button>)}</>;
}

/** What was looked at, as name and value, and the labels by which it is told. */
function Evidence({ alert, evidence }: { alert: Alert; evidence: Record<string, unknown> }) {
  const seen = Object.entries(evidence);
  return (
    <Stack gap="md">
      <Card>
        <Text fw={600} mb={6}>What its source looked at</Text>
        {seen.length === 0 ? <Text size="sm" c="dimmed">{alert.source} said nothing more than the summary.</Text> : <Pairs of={seen.map(([name, value]) => [name, shown(value)])} />}
        <Text size="xs" c="dimmed" mt="xs">said by {alert.source.startsWith('rule/') ? <LinkText to="/alert-rules/$name" params={{ name: alert.source.slice('rule/'.length) }} size="xs">{alert.source}</LinkText> : alert.source}</Text>
      </Card>
      {alert.cause && (
        <Card>
          <Text fw={600} mb={6}>What they have in common</Text>
          <Text size="sm">{about(alert)} are wrong. One alert stands for all of them.</Text>
          <Group gap="xs" mt={6}>{alert.cause.first.map((id) => <LinkText key={id} to="/assets/$id" params={{ id }} size="sm">{id}</LinkText>)}{alert.cause.alerts > alert.cause.first.length && <LinkText to="/alerts/$fingerprint" params={{ fingerprint: alert.fingerprint }} search={{ tab: 'assets' }} size="sm">and {(alert.cause.alerts - alert.cause.first.length).toLocaleString()} more</LinkText>}</Group>
        </Card>
      )}
      <Card>
        <Text fw={600} mb={6}>Labels</Text>
        <Pairs of={Object.entries(alert.labels).map(([name, value]) => [name, name === 'asset' ? <LinkText to="/assets/$id" params={{ id: value }} size="sm">{value}</LinkText> : value])} />
      </Card>
    </Stack>
  );
}

function shown(value: unknown): ReactNode {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return <><Ago at={value} /> <Text span size="xs" c="dimmed">({absolute(value)})</Text></>;
  if (typeof value === 'number') return value.toLocaleString();
  if (typeof value === 'string') return /^PT[\dHMS.]+$/.test(value) ? lasting(value) : inOurTime(value);
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value);
  if (Array.isArray(value) || parts.some(([, part]) => typeof part === 'object')) return <Code>{JSON.stringify(value)}</Code>;
  return parts.map(([name, part]) => <div key={name}>{name}: {String(part)}</div>);
}

function Pairs({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl style={{ display: 'grid', gridTemplateColumns: 'max-content 1fr', gap: '4px 24px', margin: 0, fontSize: 'var(--mantine-font-size-sm)' }}>
      {of.map(([name, value]) => (
        <Fragment key={name}>
          <Text component="dt" inherit c="dimmed">{name}</Text>
          <dd style={{ margin: 0, overflowWrap: 'anywhere', minWidth: 0 }}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** Why somebody was told, or was not: in one sentence, then each notification, each decision, each route that was asked. */
function Told({ fingerprint, all, person }: { fingerprint: string; all: Schemas['Why']; person: string | undefined }) {
  const navigate = useNavigate({ from: '/alerts/$fingerprint' });
  const typed = useDebouncedCallback((wanted: string) => void navigate({ search: { tab: 'told', ...(wanted && { person: wanted }) }, replace: true }), 350);
  const asked = useQuery({
    queryKey: ['alerts', fingerprint, 'why', person],
    enabled: person !== undefined,
    queryFn: () => data(api.GET('/api/v1/alerts/{fingerprint}/why', { params: { path: { fingerprint }, query: { person: person ?? '' } } })),
  });
  const why = person === undefined ? all : asked.data;
  return (
    <Stack gap="md">
      <TextInput label="Why was this person (not) told?" placeholder="a receiver or an address; everybody without it" defaultValue={person ?? ''} onChange={(event) => typed(event.currentTarget.value.trim())} maw={420} />
      {asked.error && <Problem what="This cannot be told" error={asked.error} />}
      {why && (
        <>
          <Notice color={why.notified ? 'teal' : 'gray'} icon={<IconInfoCircle />} title={why.notified ? 'Told' : 'Not told'}><Text size="sm">{inOurTime(why.answer)}</Text></Notice>
          {why.notifications.length > 0 && (
            <Card>
              <Text fw={600} mb={6}>Notifications</Text>
              <Table.ScrollContainer minWidth={640}>
                <Table verticalSpacing="xs">
                  <Table.Thead><Table.Tr><Table.Th>When</Table.Th><Table.Th>To</Table.Th><Table.Th>Over</Table.Th><Table.Th>State</Table.Th><Table.Th ta="right">Attempts</Table.Th><Table.Th>Because</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {why.notifications.map((sent) => (
                      <Table.Tr key={sent.id} style={{ verticalAlign: 'top' }}>
                        <Table.Td><Ago at={sent.finished ?? sent.created} /></Table.Td>
                        <Table.Td>{sent.recipient || sent.receiver}</Table.Td>
                        <Table.Td>{sent.channel}</Table.Td>
                        <Table.Td><State value={sent.state} title={sent.error} /></Table.Td>
                        <Table.Td ta="right" className="num">{sent.attempts}</Table.Td>
                        <Table.Td>{sent.why}{sent.error !== '' && <Text size="xs" c="dimmed">{sent.error}{sent.nextAttempt && <>; again <Ago at={sent.nextAttempt} /></>}</Text>}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            </Card>
          )}
          <Card>
            <Text fw={600} mb={6}>Routes that were asked</Text>
            <List size="sm" spacing={4}>
              {why.routes.map((each) => <List.Item key={each.route}><Code>{routeName(each.route)}</Code> {each.matched ? 'takes it' : 'does not take it'}{each.why !== '' && `: ${each.why}`}</List.Item>)}
            </List>
            <Text size="sm" c="dimmed" mt={6}>{why.receivers.length === 0 ? 'It goes to nobody.' : `It goes to ${why.receivers.join(', ')}.`}{why.held !== '' && ` Now ${why.held}.`}</Text>
          </Card>
          {why.steps.length > 0 && (
            <Card>
              <Text fw={600} mb={6}>Decisions</Text>
              <List size="sm" spacing={4}>{why.steps.map((step) => <List.Item key={`${step.at}${step.route}${step.receiver}${step.outcome}`}><Ago at={step.at} />, {step.receiver}: {step.outcome}</List.Item>)}</List>
            </Card>
          )}
          <CommandLine label="same by command" command={line('muster', 'alert', 'why', fingerprint, ...(person ? ['--person', person] : []))} />
        </>
      )}
    </Stack>
  );
}

function Assets({ fingerprint }: { fingerprint: string }) {
  const list = usePages<string>(['alerts', fingerprint, 'assets'], `/api/v1/alerts/${encodeURIComponent(fingerprint)}/assets`, { limit: 200 });
  if (list.error) return <Problem what="The assets cannot be listed" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading assets…" />;
  if (list.rows.length === 0) return <Card><Empty title="None that you may see">It stands for no asset any more, or they are not in your scope.</Empty></Card>;
  return (
    <Stack gap="sm">
      <Group gap="md">{list.rows.map((id) => <LinkText key={id} to="/assets/$id" params={{ id }} size="sm">{id}</LinkText>)}</Group>
      {list.hasNextPage && <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} style={{ alignSelf: 'flex-start' }}>More</Button>}
      <CommandLine label="same by command" command={line('muster', 'alert', 'assets', fingerprint)} />
    </Stack>
  );
}

/** The silences that hide it, each with how to end it. */
function Silences({ ids }: { ids: string[] }) {
  const list = usePages<Schemas['Silence']>(['alerts', 'silences'], '/api/v1/silences', { limit: 200 });
  const queries = useQueryClient();
  const lacks = useMay('alerting');
  const [ending, setEnding] = useState<string>();
  return (
    <Stack gap={6}>
      {ids.map((id) => {
        const known = list.rows.find((silence) => silence.id === id);
        return (
          <Group key={id} justify="space-between" gap="xs">
            <Text size="sm" component="span">{known ? <>by {known.createdBy} until {absolute(known.endsAt)} (<Ago at={known.endsAt} />){known.comment !== '' && `: ${known.comment}`}; {known.matchers.map((each) => <Code key={each} mr={4}>{each}</Code>)}</> : id}</Text>
            <Button size="compact-xs" variant="default" disabled={lacks !== undefined} title={lacks} onClick={() => setEnding(id)}>End it…</Button>
          </Group>
        );
      })}
      {ending && (
        <Ask
          verb="End"
          name="the silence"
          consequence="What it hides and still fires is told at once."
          act={async () => {
            await raw('DELETE', `/api/v1/silences/${encodeURIComponent(ending)}`);
            await queries.invalidateQueries({ queryKey: ['alerts'] });
          }}
          onClose={() => setEnding(undefined)}
          command={() => line('muster', 'silence', 'expire', ending)}
        />
      )}
    </Stack>
  );
}
