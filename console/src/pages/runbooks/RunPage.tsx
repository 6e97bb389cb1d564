import { Alert as Notice, Button, Card, Code, Group, Modal, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy, IconKey, IconUserCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay, useMe } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { Confirm } from '../../ui/confirm';
import { CopyButton } from '../../ui/copybutton';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago, absolute } from '../../ui/time';
import { called, many } from '../../ui/words';
import { StepList } from './StepList';
import { isLive, meaning, type Run } from './runbook';

const route = getRouteApi('/runbooks/runs/$id');

/** One run of a runbook as it goes: every step, whom it waits for, what it came to. */
export default function RunPage() {
  const { id } = route.useParams();
  const answer = useQuery({
    queryKey: ['runbook-runs', id],
    queryFn: () => data(api.GET('/api/v1/runbook-runs/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data !== undefined && !isLive(query.state.data) ? false : 1_000),
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title="There is no such run" command="muster runbook runs">It was long ago, or its targets are outside of your scope.</Missing>
    ) : (
      <Problem what="The run cannot be shown" error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what="loading the run…" />;
  const run = answer.data;
  const said = meaning(run);
  const steps = (run.steps ?? []).filter((step) => step.section === 'steps');
  const done = steps.filter((step) => step.endedAt !== undefined).length;
  return (
    <Page
      title={`${run.runbook}: run`}
      note={
        <Group gap="xs" mt={4}>
          <State value={run.phase} />
          <Text size="sm" c="dimmed" component="span">
            {run.trigger === 'manual' ? 'started by hand' : run.trigger === 'alert' ? 'started by an alert' : run.trigger === 'schedule' ? 'started by its schedule' : 'a step of another run'} ({called(run.startedBy)}) <Ago at={run.startedAt} />
            {run.endedAt ? <>, ended <Ago at={run.endedAt} /></> : <>, has to be through <Ago at={run.deadline} /></>}
          </Text>
        </Group>
      }
      actions={<Acts run={run} />}
    >
      <Asks run={run} />
      {said && <Notice color={run.phase === 'failed' ? 'red' : 'orange'} icon={<IconAlertTriangle />} title={said.title}><Text size="sm" style={{ overflowWrap: 'anywhere' }}>{said.says}</Text></Notice>}
      {run.stopBy && isLive(run) && <Notice color="orange" icon={<IconAlertTriangle />}><Text size="sm">{run.stopBy} wants it to end; it does when its step has.</Text></Notice>}
      {answer.error && <Problem what="It cannot be asked how the run goes; this is what was known last" error={answer.error} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Card>
          <Group justify="space-between" mb="xs"><Title order={2}>Steps</Title><Text size="sm" c="dimmed" className="num">{done} of {steps.length} ended</Text></Group>
          <Progress value={steps.length === 0 ? 0 : (done / steps.length) * 100} size="sm" mb="sm" color={run.phase === 'succeeded' ? 'teal' : isLive(run) ? 'blue' : 'orange'} aria-label={`${done} of ${steps.length} steps have ended`} />
          <StepList run={run} />
        </Card>
        <Stack gap="md">
          <About run={run} />
          <History run={run} />
        </Stack>
      </SimpleGrid>
      <CommandLine label="same by command" command={line('muster', 'runbook', 'show', run.id)} />
    </Page>
  );
}

/** For whom it waits, what that person is asked, and the button for the answer. */
function Asks({ run }: { run: Run }) {
  const [asked, setAsked] = useState(false);
  const lacks = useMay('runbook');
  const { name } = useMe();
  const queries = useQueryClient();
  if (run.asks === undefined) return null;
  const own = run.asks === 'second-person' && run.startedBy === `token ${name}` ? 'you started it yourself: somebody else has to' : undefined;
  const step = (run.steps ?? []).find((each) => each.state === 'running');
  if (run.asks === 'claim') return <Claims run={run} />;
  const second = run.asks === 'second-person';
  const cannot = lacks ?? own;
  return (
    <Notice color="orange" icon={<IconUserCheck />} title={second ? 'It waits for a second person' : 'It waits for somebody who does this'}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{second ? `${run.targets.length.toLocaleString()} assets are more than one person decides about. ${called(run.startedBy)} started it.` : step?.does.replace(/^asks a person: /, '')}</Text>
        <Group gap="sm">
          <Button size="sm" disabled={cannot !== undefined} title={cannot} onClick={() => setAsked(true)}>{second ? 'Approve…' : 'It is done…'}</Button>
          {cannot && <Text size="xs" c="dimmed">{cannot}</Text>}
          {!second && step?.until && <Text size="xs" c="dimmed">its time is over <Ago at={step.until} /></Text>}
        </Group>
      </Stack>
      {asked && (
        <Ask
          verb={second ? 'Approve' : 'Say that it is done:'}
          name={run.runbook}
          consequence={second ? `It begins at once, for ${many(run.targets.length, 'asset')}: ${(run.steps ?? []).filter((each) => each.section === 'steps').map((each) => each.does).join('; ')}. Its guards hold all the same.` : 'The run goes on with its next step. Your name stands beside it.'}
          act={async () => {
            await raw('POST', `/api/v1/runbook-runs/${encodeURIComponent(run.id)}/approve`, {});
            await queries.invalidateQueries({ queryKey: ['runbook-runs'] });
          }}
          onClose={() => setAsked(false)}
          command={() => line('muster', 'runbook', 'approve', run.id)}
        />
      )}
    </Notice>
  );
}

/** A claim token for each target, shown once. */
function Claims({ run }: { run: Run }) {
  const lacks = useMay('runbook');
  const [shown, setShown] = useState<Schemas['RunbookClaim']>();
  const claim = useMutation({
    mutationFn: async (asset: string) => (await (await raw('POST', `/api/v1/runbook-runs/${encodeURIComponent(run.id)}/claim`, { asset })).json()) as Schemas['RunbookClaim'],
    onSuccess: setShown,
  });
  return (
    <Notice color="orange" icon={<IconKey />} title="It waits until its targets have enrolled anew">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">Each needs a claim token of its own; it is shown once.</Text>
        <Group gap="xs">{run.targets.slice(0, 20).map((asset) => <Button key={asset} size="compact-sm" variant="default" disabled={lacks !== undefined} title={lacks} loading={claim.isPending && claim.variables === asset} onClick={() => claim.mutate(asset)}>Claim token for {asset}</Button>)}{run.targets.length > 20 && <Text size="sm">and {run.targets.length - 20} more, with the command</Text>}</Group>
        {claim.error && <Problem what="It was not made" error={claim.error} />}
        <CommandLine label="same by command" command={line('muster', 'runbook', 'claim', run.id, 'ASSET')} />
      </Stack>
      {shown && (
        <Modal opened onClose={() => setShown(undefined)} title={`Claim token for ${shown.asset}`} closeButtonProps={{ 'aria-label': 'close' }}>
          <Stack>
            <Text size="sm">Give it to the asset. Nobody can look at it again.</Text>
            <Code block tabIndex={0} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{shown.token}</Code>
            <CopyButton value={shown.token}>{({ copied, copy }) => <Button variant="light" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
          </Stack>
        </Modal>
      )}
    </Notice>
  );
}

function Acts({ run }: { run: Run }) {
  const [asked, setAsked] = useState(false);
  const lacks = useMay('runbook');
  const queries = useQueryClient();
  if (!isLive(run)) return null;
  const cannot = lacks ?? (run.stopBy ? `${run.stopBy} has asked for it already` : undefined);
  return (
    <>
      <Button color="red" variant="light" disabled={cannot !== undefined} title={cannot} onClick={() => setAsked(true)}>Stop…</Button>
      {asked && (
        <Confirm
          verb="Stop"
          name={run.runbook}
          consequence="It does not begin its next step; commands that no asset has taken are taken back. What is done stays done, and the steps for a failure are not run."
          act={async () => {
            await raw('POST', `/api/v1/runbook-runs/${encodeURIComponent(run.id)}/stop`, {});
            await queries.invalidateQueries({ queryKey: ['runbook-runs'] });
          }}
          onClose={() => setAsked(false)}
          command={() => line('muster', 'runbook', 'stop', run.id)}
        />
      )}
    </>
  );
}

function About({ run }: { run: Run }) {
  return (
    <Card>
      <Table withRowBorders={false} verticalSpacing={3} layout="fixed">
        <Table.Tbody>
          <Fact name="runbook"><LinkText to="/runbooks/$name" params={{ name: run.runbook }} size="sm">{run.runbook}</LinkText>, revision {run.revision}</Fact>
          {run.incident && <Fact name="incident"><LinkText to="/incidents/$number" params={{ number: run.incident.replace('INC-', '') }} size="sm">{run.incident}</LinkText></Fact>}
          {run.fingerprint && <Fact name="alert"><LinkText to="/alerts/$fingerprint" params={{ fingerprint: run.fingerprint }} size="sm">{/^alert (\S+)$/.exec(run.startedBy)?.[1] ?? run.fingerprint}</LinkText></Fact>}
          {run.parent && <Fact name="a step of"><LinkText to="/runbooks/runs/$id" params={{ id: run.parent }} size="sm">another run</LinkText></Fact>}
          {run.approvedBy && <Fact name="approved by">{run.approvedBy}</Fact>}
          {run.stopBy && <Fact name="stopped by">{run.stopBy}</Fact>}
          <Fact name="acts on">{run.targets.length === 0 ? 'no asset' : <>{run.targets.slice(0, 10).map((id) => <LinkText key={id} to="/assets/$id" params={{ id }} size="sm" mr={8} style={{ whiteSpace: 'nowrap' }}>{id}</LinkText>)}{run.targets.length > 10 && `and ${(run.targets.length - 10).toLocaleString()} more`}</>}</Fact>
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return <Table.Tr style={{ verticalAlign: 'top' }}><Table.Th scope="row" c="dimmed" fw={400} pl={0} w={110}>{name}</Table.Th><Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td></Table.Tr>;
}

function History({ run }: { run: Run }) {
  const lines = run.history ?? [];
  return (
    <Card>
      <Title order={2} mb="xs">What was written down</Title>
      <Table verticalSpacing={4} fz="sm" layout="fixed">
        <Table.Tbody>
          {lines.map((each) => (
            <Table.Tr key={`${each.at}${each.step}${each.what}`} style={{ verticalAlign: 'top' }}>
              <Table.Td w={92} pl={0} c="dimmed" title={absolute(each.at)}><Ago at={each.at} /></Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{each.step !== '' && <Code mr={6}>{each.step}</Code>}<b>{each.what.replaceAll('_', ' ')}</b>{each.text !== '' && ` ${each.text}`}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
