import { Alert as Notice, List, Select, Stack, Text } from '@mantine/core';
import { IconBan, IconUserCheck } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { Ask } from '../../ui/act';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { written } from '../runbooks/runbook';
import { isFor } from './needs';

/** Chooses a runbook, those made for these labels first, says what it would do to whom, runs it, and shows the run. */
export function RunRunbook({ title, labels, onClose }: { title: string; labels: Record<string, string>; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<string | null>(null);
  const books = useQuery({ queryKey: ['runbooks', 'choose'], queryFn: () => data(api.GET('/api/v1/runbooks', { params: { query: { limit: 500 } } })), select: (page) => page.items });
  const fitting = (books.data ?? []).filter((book) => isFor(book, labels)).map((book) => book.metadata.name);
  const others = (books.data ?? []).map((book) => book.metadata.name).filter((name) => !fitting.includes(name));
  const name = chosen ?? fitting[0] ?? null;
  const body = { labels };
  const plan = useQuery({
    queryKey: ['runbooks', name, 'plan', body],
    enabled: name !== null,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => (await (await raw('POST', `/api/v1/runbooks/${encodeURIComponent(name ?? '')}/plan`, body)).json()) as Schemas['RunbookPlan'],
  });
  const would = plan.data?.runbook === name ? plan.data : undefined;
  return (
    <Ask
      verb="Run"
      name={name ?? 'a runbook'}
      consequence={<>For {title}. What it does stands in the audit trail; it stops where a step fails, and can be stopped.</>}
      ready={would !== undefined && would.problem === undefined && !plan.isPlaceholderData}
      act={async () => {
        const run = (await (await raw('POST', `/api/v1/runbooks/${encodeURIComponent(name ?? '')}/run`, body)).json()) as Schemas['RunbookRun'];
        await Promise.all([queries.invalidateQueries({ queryKey: ['runbook-runs'] }), queries.invalidateQueries({ queryKey: ['incidents'] })]);
        await navigate({ to: '/runbooks/runs/$id', params: { id: run.id } });
      }}
      onClose={onClose}
    >
      {books.error && <Problem what="The runbooks cannot be listed" error={books.error} />}
      {books.isPending && <Loading what="loading runbooks…" />}
      {books.data?.length === 0 && <Stack gap={6}><Text size="sm">There is no runbook.</Text><CommandLine command="muster apply -f runbook.yaml" /></Stack>}
      {(books.data?.length ?? 0) > 0 && (
        <Select
          label="Runbook"
          data-autofocus
          searchable
          data={[...(fitting.length > 0 ? [{ group: 'made for this', items: fitting }] : []), ...(others.length > 0 ? [{ group: 'others', items: others }] : [])]}
          value={name}
          onChange={setChosen}
          allowDeselect={false}
          placeholder="choose one"
        />
      )}
      {plan.error && name !== null && <Problem what={`What ${name} would do cannot be told`} error={plan.error} />}
      {would && (
        <Stack gap={6} aria-live="polite">
          {would.problem !== undefined && <Notice color="orange" icon={<IconBan />} title="It would not run"><Text size="sm">{would.problem}</Text></Notice>}
          {would.needsSecondPerson && <Notice color="gray" icon={<IconUserCheck />}><Text size="sm">It waits for a second person, who approves what it is about to do.</Text></Notice>}
          <Text size="sm"><b>Would act on {would.assets === 0 ? 'no asset' : `${would.assets.toLocaleString()} ${would.assets === 1 ? 'asset' : 'assets'}`}</b>{would.targets.length > 0 && <>: {would.targets.slice(0, 6).join(', ')}{would.assets > 6 && ' …'}</>}</Text>
          <List type="ordered" size="sm">{would.steps.map((step, index) => <List.Item key={`${index} ${step}`}>{step}</List.Item>)}</List>
        </Stack>
      )}
      {name !== null && <Text size="xs" c="dimmed">Parameters, other labels, other assets: <LinkText to="/runbooks/$name" params={{ name }} search={{ tab: 'start', ...(Object.keys(labels).length > 0 && { labels: written(labels) }) }} size="xs" underline="always">its own page</LinkText>; what ran: <LinkText to="/runbooks" search={{ view: 'runs' }} size="xs" underline="always">all runs</LinkText>.</Text>}
      {name !== null && <CommandLine label="same by command" command={line('muster', 'runbook', 'run', name, ...Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]))} />}
    </Ask>
  );
}
