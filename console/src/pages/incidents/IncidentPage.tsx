import { Alert as Notice, Button, Card, Checkbox, Code, Group, SimpleGrid, Stack, Table, Tabs, Text, Timeline } from '@mantine/core';
import { IconRotate2 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ProblemError, api, data, raw } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { TabRow } from '../../ui/tabrow';
import { Ago, absolute, inOurTime, useNow } from '../../ui/time';
import { Standing } from './Incidents';
import { Actions } from './Actions';
import { Postmortem } from './Postmortem';
import { Runs } from './Runs';
import { actsOf, commandOf, marks, type Act, type Incident } from './incident';

const route = getRouteApi('/incidents/$number');

export default function IncidentPage() {
  const { number } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/incidents/$number' });
  const answer = useQuery({
    queryKey: ['incidents', number],
    queryFn: () => data(api.GET('/api/v1/incidents/{name}', { params: { path: { name: number } } })),
    refetchInterval: 10_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`There is no incident ${number}`} command="muster get incidents">Or none of its assets is in your scope.</Missing>
    ) : (
      <Problem what="The incident cannot be shown" error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading incident ${number}…`} />;
  const incident = answer.data;
  /** Some say their own command, which takes the place of that of the whole. */
  const tabs: { key: string; title: string; content: ReactNode; own?: boolean }[] = [
    { key: 'timeline', title: 'Timeline', content: <Lines incident={incident} /> },
    { key: 'causes', title: 'Probable causes', content: <Causes incident={incident} /> },
    { key: 'alerts', title: `Alerts (${incident.alerts?.length ?? 0})`, content: <Alerts incident={incident} /> },
    { key: 'runbooks', title: 'Runbooks', content: <Runs incident={incident} />, own: true },
    { key: 'actions', title: `Actions (${incident.actions?.length ?? 0})`, content: <Actions incident={incident} />, own: true },
    { key: 'postmortem', title: 'Postmortem', content: <Postmortem incident={incident} />, own: true },
  ];
  const chosen = tabs.find((known) => known.key === tab) ?? tabs[0];
  return (
    <Page
      title={`${incident.name} ${inOurTime(incident.title)}`}
      note={<Group gap="xs" mt={4}><Standing incident={incident} /><State value={incident.severity} /><Text size="sm" c="dimmed" component="span">first sign <Ago at={incident.evidenceAt} />, opened by {incident.openedBy}; owner: {incident.owner || 'nobody'}; {incident.assets.toLocaleString()} {incident.assets === 1 ? 'asset' : 'assets'}</Text></Group>}
      actions={<Acts incident={incident} />}
    >
      {incident.reopened > 0 && <Notice color="gray" icon={<IconRotate2 />}><Text size="sm">It was opened again {incident.reopened === 1 ? 'once' : `${incident.reopened} times`}; its times go on from the first sign.</Text></Notice>}
      <Times incident={incident} />
      {incident.about.length > 0 && <Text size="sm" c="dimmed">about {incident.about.map((selector) => <LinkText key={selector} to="/assets" search={{ selector }} size="sm" mr={6}><Code>{selector}</Code></LinkText>)}</Text>}
      <Tabs value={chosen?.key ?? ''} onChange={(next) => void navigate({ search: next === null ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <TabRow chosen={chosen?.key ?? ''}>
          {tabs.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {tabs.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content}</Tabs.Panel>)}
      </Tabs>
      {!chosen?.own && <CommandLine label="same by command" command={line('muster', 'incident', 'show', incident.name)} />}
    </Page>
  );
}

function Times({ incident }: { incident: Incident }) {
  const now = useNow();
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {marks(incident, now).map((mark) => (
        <Card key={mark.title} padding="sm">
          <Text size="xs" c="dimmed">{mark.title}</Text>
          <Text fw={mark.at ? 650 : 400} size={mark.at ? 'lg' : 'sm'} {...(mark.at === undefined && { c: 'dimmed' })} className="num">{mark.text}</Text>
          {mark.at && <Text size="xs" c="dimmed">{absolute(mark.at)}</Text>}
        </Card>
      ))}
    </SimpleGrid>
  );
}

function Acts({ incident }: { incident: Incident }) {
  const [asked, setAsked] = useState<Act>();
  const lacks = useMay('incident');
  return (
    <>
      {actsOf(incident.state, incident.owner).map((act, index) => <Button key={act.path} variant={index === 0 ? 'filled' : 'light'} disabled={lacks !== undefined} title={lacks} onClick={() => setAsked(act)}>{act.title}…</Button>)}
      {asked && <Do incident={incident} act={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Do({ incident, act, onClose }: { incident: Incident; act: Act; onClose: () => void }) {
  const queries = useQueryClient();
  const [force, setForce] = useState(false);
  const firing = (incident.alerts ?? []).filter((alert) => alert.resolvedAt === undefined).length;
  return (
    <Ask
      verb={act.title}
      name={incident.name}
      consequence={act.consequence}
      {...(act.says && { says: act.says })}
      ready={act.forced !== true || firing === 0 || force}
      act={async (reason) => {
        await raw('POST', `/api/v1/incidents/${incident.number}/${act.path}`, { ...(act.says && { reason }), ...(force && { force: true }) });
        await queries.invalidateQueries({ queryKey: ['incidents'] });
      }}
      onClose={onClose}
      command={(reason) => commandOf(act, incident.name, reason, force)}
    >
      {act.forced && firing > 0 && (
        <Checkbox checked={force} onChange={(event) => setForce(event.currentTarget.checked)} label={`Close it although ${firing === 1 ? 'an alert of it fires' : `${firing.toLocaleString()} alerts of it fire`}`} description="without this it is refused: wait for their end, or silence them" />
      )}
    </Ask>
  );
}

/** The order of events as the system and people wrote it. */
function Lines({ incident }: { incident: Incident }) {
  const timeline = incident.timeline ?? [];
  if (timeline.length === 0) return <Card><Empty title="Nothing was written yet" /></Card>;
  return (
    <Card>
      <Timeline bulletSize={14} lineWidth={2} active={timeline.length}>
        {timeline.map((entry, index) => (
          <Timeline.Item key={`${entry.at}${index}`} title={<Text size="sm" fw={600}>{entry.kind.replaceAll('_', ' ')}</Text>}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{inOurTime(entry.text).replace(/\brun [0-9a-f]{8}-[0-9a-f-]{27}\b/, 'its run')}</Text>
            <Text size="xs" c="dimmed" component="span"><Ago at={entry.at} />, {absolute(entry.at)}{entry.actor !== '' && `, ${entry.actor}`}</Text>
          </Timeline.Item>
        ))}
      </Timeline>
      {timeline.length >= 500 && <Text size="sm" c="dimmed" mt="sm">The first 500 lines.</Text>}
    </Card>
  );
}

/** `kind/name`, with a way to it where it has a screen; a configuration may stand with its revision. */
function Changed({ value }: { value: string }) {
  const slash = value.indexOf('/');
  const [kind, name] = [value.slice(0, slash), value.slice(slash + 1)];
  switch (kind) {
    case 'configuration':
      return <>configuration <LinkText to="/configurations/$name" params={{ name: name.replace(/@[^@]*$/, '') }}>{name}</LinkText></>;
    case 'release':
      return <>release <LinkText to="/releases/$name" params={{ name }}>{name}</LinkText></>;
    case 'rollout':
      return <>rollout <LinkText to="/rollouts/$name" params={{ name }}>{name}</LinkText></>;
    default:
      // What has an id only is known by its kind, and by when it was.
      return <>{kind.replaceAll(/[-_]/g, ' ')} {/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? <LinkText to="/audit" search={{ object: value }}>in the audit trail</LinkText> : name}</>;
  }
}

function Causes({ incident }: { incident: Incident }) {
  if (incident.causes.length === 0) return <Card><Empty title="No probable cause was found">Its alerts share no rollout, release, gateway, site, region or hardware, and nothing was changed shortly before.</Empty></Card>;
  return (
    <Stack gap="sm">
      {incident.causes.map((cause) => (
        <Card key={`${cause.kind} ${cause.value}`} padding="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Text fw={600}>{cause.kind === 'change' ? <>changed: <Changed value={cause.value} /></> : cause.kind === 'asset' ? <>asset <LinkText to="/assets/$id" params={{ id: cause.value }} search={{ tab: 'timeline', at: incident.evidenceAt }}>{cause.value}</LinkText></> : <Changed value={`${cause.kind}/${cause.value}`} />}</Text>
            <Text size="sm" c="dimmed" className="num" title="from 0 to 1, only to rank by" style={{ whiteSpace: 'nowrap' }}>score {cause.score.toFixed(2)}</Text>
          </Group>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{inOurTime(cause.reason)}</Text>
        </Card>
      ))}
      <Text size="xs" c="dimmed">The score is there to rank by. Read the reason: it has the numbers.</Text>
    </Stack>
  );
}

function Alerts({ incident }: { incident: Incident }) {
  const alerts = incident.alerts ?? [];
  if (alerts.length === 0) return <Card><Empty title="No alert belongs to it">It was opened by a person. Alerts with the same probable cause join it.</Empty></Card>;
  return (
    <Card padding="xs">
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="xs">
          <Table.Thead><Table.Tr><Table.Th>Alert</Table.Th><Table.Th>State</Table.Th><Table.Th>Summary</Table.Th><Table.Th>Fired</Table.Th><Table.Th>Over</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {alerts.map((alert) => (
              <Table.Tr key={alert.fingerprint} style={{ verticalAlign: 'top' }}>
                <Table.Td><LinkText to="/alerts/$fingerprint" params={{ fingerprint: alert.fingerprint }} size="sm">{alert.labels.alertname ?? alert.fingerprint}</LinkText></Table.Td>
                <Table.Td><State value={alert.resolvedAt ? 'resolved' : 'firing'} /></Table.Td>
                <Table.Td>
                  {inOurTime(alert.summary)}
                  {alert.labels.asset && <Text size="xs"><LinkText to="/assets/$id" params={{ id: alert.labels.asset }} search={{ tab: 'timeline', at: alert.startsAt }} size="xs">what happened to {alert.labels.asset} then</LinkText></Text>}
                </Table.Td>
                <Table.Td><Ago at={alert.firedAt} /></Table.Td>
                <Table.Td><Ago at={alert.resolvedAt} none="not yet" /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}
