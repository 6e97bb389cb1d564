import { Alert as Notice, Button, Card, Code, Group, List, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconBan, IconPlayerPlay, IconUserCheck } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { raw, type Schemas } from '../../api/client';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import type { ParameterSchema, Typed } from '../../ui/parameters';
import { SchemaForm } from '../../ui/schemaform';
import { commandOf, labelsAsked, pairs, written, type Run, type Runbook, type Start } from './runbook';

const route = getRouteApi('/runbooks/$name');

function schemaOf(book: Runbook): ParameterSchema {
  const all = Object.entries(book.spec.parameters ?? {});
  return {
    properties: Object.fromEntries(all.map(([name, { type, default: fallback, description }]) => [name, { type: type === 'number' ? 'number' : type === 'flag' ? 'boolean' : 'string', ...(fallback !== undefined && { default: fallback }), ...(description && { description }) }])),
    required: all.filter(([, parameter]) => parameter.default === undefined).map(([name]) => name),
  };
}

/** What it would do to whom with these labels and parameters, worked out as they are typed; then, confirmed, does it. */
export function StartRunbook({ book }: { book: Runbook }) {
  const { labels: given, parameters: set, selector: chosen } = route.useSearch();
  const navigate = useNavigate({ from: '/runbooks/$name' });
  const schema = schemaOf(book);
  const asked = labelsAsked(book.spec);
  const [labels, setLabels] = useState<Record<string, string>>(() => ({ ...Object.fromEntries(asked.map((label) => [label, ''])), ...pairs(given) }));
  const [typed, setTyped] = useState<Typed>(() => ({ ...Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, { default: value }]) => [name, typeof value === 'boolean' ? value : value === undefined ? undefined : String(value)])), ...pairs(set) }));
  const [selector, setSelector] = useState(chosen ?? '');
  const parameters = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [name, String(value)]));
  const [start] = useDebouncedValue<Start>({ labels, parameters, selector: selector.trim() }, 400);
  const lacks = useMay('runbook');
  const body = { labels: Object.fromEntries(Object.entries(start.labels).filter(([, value]) => value !== '')), parameters: start.parameters, ...(start.selector !== '' && { selector: start.selector }) };
  const key = JSON.stringify(body);
  useEffect(() => {
    const search = { tab: 'start', ...(written(start.labels) !== '' && { labels: written(start.labels) }), ...(start.selector !== '' && { selector: start.selector }) };
    void navigate({ search, replace: true });
    // What is typed goes into the address once it rests.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const plan = useQuery({
    queryKey: ['runbooks', book.name, 'plan', body],
    enabled: lacks === undefined,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => (await (await raw('POST', `/api/v1/runbooks/${encodeURIComponent(book.name)}/plan`, body)).json()) as Schemas['RunbookPlan'],
    refetchInterval: 15_000,
  });
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Stack gap="md">
        <Card>
          <Title order={2} mb={4}>For whom</Title>
          <Text size="sm" c="dimmed" mb="sm">As the labels of an alert would say it{book.spec.targets === undefined ? '; they name the assets' : ''}. A selector stands instead of the assets that it names itself.</Text>
          <Stack gap="sm">
            {Object.keys(labels).map((label) => <TextInput key={label} label={<Code>{label}</Code>} value={labels[label] ?? ''} onChange={(event) => setLabels({ ...labels, [label]: event.currentTarget.value })} autoComplete="off" />)}
            <TextInput label="Selector" placeholder="asset.id == 'pi-1'" value={selector} onChange={(event) => setSelector(event.currentTarget.value)} autoComplete="off" spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
          </Stack>
        </Card>
        {Object.keys(schema.properties ?? {}).length > 0 && (
          <Card>
            <Title order={2} mb="sm">Parameters</Title>
            <SchemaForm schema={schema} typed={typed} wrong={{}} onChange={setTyped} />
          </Card>
        )}
      </Stack>
      <Card>
        <Title order={2} mb="sm">What it would do now</Title>
        {lacks !== undefined ? <Notice color="gray" icon={<IconBan />}><Text size="sm">{lacks}</Text></Notice> : plan.error ? <Problem what="It cannot be planned" error={plan.error} /> : plan.data ? <Planned book={book} plan={plan.data} start={start} body={body} settled={!plan.isPlaceholderData} /> : <Loading what="planning…" />}
      </Card>
    </SimpleGrid>
  );
}

function Planned({ book, plan, start, body, settled }: { book: Runbook; plan: Schemas['RunbookPlan']; start: Start; body: unknown; settled: boolean }) {
  const [asked, setAsked] = useState(false);
  const lacks = useMay('runbook');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const none = plan.assets === 0;
  const act = async () => {
    const run = (await (await raw('POST', `/api/v1/runbooks/${encodeURIComponent(book.name)}/run`, body)).json()) as Run;
    await queries.invalidateQueries({ queryKey: ['runbook-runs'] });
    await navigate({ to: '/runbooks/runs/$id', params: { id: run.id } });
  };
  const cannot = lacks ?? plan.problem ?? (settled ? undefined : 'the plan is worked out again');
  return (
    <Stack gap="sm" aria-live="polite" style={{ opacity: settled ? 1 : 0.6 }}>
      {plan.problem && <Notice color="orange" icon={<IconAlertTriangle />} title="It would not be run"><Text size="sm">{plan.problem}</Text></Notice>}
      {plan.needsSecondPerson && <Notice color="gray" icon={<IconUserCheck />}><Text size="sm">It waits for a second person before its first step: somebody who did not start it.</Text></Notice>}
      <div>
        <Text size="sm">{none ? 'It acts on no asset: nothing names one.' : <>Acts on <b>{plan.assets.toLocaleString()} {plan.assets === 1 ? 'asset' : 'assets'}</b>:</>}</Text>
        <Group gap="xs">{plan.targets.slice(0, 12).map((id) => <LinkText key={id} to="/assets/$id" params={{ id }} size="sm" style={{ whiteSpace: 'nowrap' }}>{id}</LinkText>)}{plan.assets > 12 && <Text size="sm" c="dimmed">and {(plan.assets - Math.min(12, plan.targets.length)).toLocaleString()} more</Text>}</Group>
      </div>
      <List type="ordered" size="sm" spacing={4}>{plan.steps.map((step) => <List.Item key={step} style={{ overflowWrap: 'anywhere' }}>{step}</List.Item>)}</List>
      {plan.onFailure.length > 0 && <><Text size="sm" fw={600}>When that fails</Text><List type="ordered" size="sm" spacing={4}>{plan.onFailure.map((step) => <List.Item key={step} style={{ overflowWrap: 'anywhere' }}>{step}</List.Item>)}</List></>}
      <Group><Button leftSection={<IconPlayerPlay size={16} />} color={plan.touches ? 'red' : 'cyan'} disabled={cannot !== undefined} title={cannot} onClick={() => setAsked(true)}>Start…</Button>{plan.problem && <Text size="xs" c="dimmed">what stands against it is above</Text>}</Group>
      <CommandLine label="plan" command={commandOf('plan', book.name, start)} />
      <CommandLine label="start" command={commandOf('run', book.name, start)} />
      {asked && plan.touches && (
        <Confirm
          verb="Start"
          name={book.name}
          consequence={<>It begins at once, for {plan.assets.toLocaleString()} {plan.assets === 1 ? 'asset' : 'assets'}{plan.targets.length > 0 && ` (${plan.targets.slice(0, 3).join(', ')}${plan.assets > 3 ? ', …' : ''})`}: {plan.steps.join('; ')}. What is done cannot be taken back; a stop holds before the next step.</>}
          act={act}
          onClose={() => setAsked(false)}
          command={() => commandOf('run', book.name, start)}
        />
      )}
      {asked && !plan.touches && <Ask verb="Start" name={book.name} consequence={`It changes nothing by itself: ${plan.steps.join('; ')}.`} act={act} onClose={() => setAsked(false)} command={() => commandOf('run', book.name, start)} />}
    </Stack>
  );
}
