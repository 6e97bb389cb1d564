import { Alert, Button, Group, Loader, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { TypedName } from '../../ui/confirm';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { parametersOf, typedDefaults, type ParameterSchema, type Typed } from '../../ui/parameters';
import { SchemaForm } from '../../ui/schemaform';
import { line } from '../../ui/shell';
import { Figure } from './EditDialog';
import { facetsQuery, type Facets } from './hooks';

type Declared = { description?: string; disruptive?: boolean; parameters?: ParameterSchema };

const MANY = 20;

/** Gives a command to every chosen asset that may get one, so many at a time. */
export function CommandDialog({ selector, onClose }: { selector: string; onClose: () => void }) {
  const path = facetsQuery({ selector }, ['type'], { limit: '50' });
  const facets = useQuery({ queryKey: ['asset-facets', 'types', path], queryFn: async () => (await (await raw('GET', path)).json()) as Facets });
  const names = (facets.data?.facets[0]?.values ?? []).map(({ value }) => value);
  const types = useQueries({
    queries: names.map((name) => ({ queryKey: ['asset-types', name], queryFn: () => data(api.GET('/api/v1/asset-types/{name}', { params: { path: { name } } })), staleTime: 60_000 })),
  });
  const failed = facets.error ?? types.find((type) => type.error)?.error;
  const declared = types.map((type) => (type.data?.spec as { commands?: Record<string, Declared> } | undefined)?.commands);
  const whole = facets.data !== undefined && declared.every((each, index) => each !== undefined || types[index]?.isSuccess);
  const common = Object.keys(declared[0] ?? {}).filter((name) => declared.every((commands) => commands?.[name] !== undefined)).sort();
  return (
    <Modal opened onClose={onClose} title="Run a command on the chosen assets" size="lg">
      {failed ? (
        <Problem what="What these assets can do cannot be told" error={failed} />
      ) : !whole ? (
        <Loading what="asking what they can do…" />
      ) : common.length === 0 ? (
        <Empty title={names.length > 1 ? 'No command is known to all of them' : 'These assets take no commands'}>They are of the types {names.join(', ')}. Choose assets of one type.</Empty>
      ) : (
        <Form selector={selector} commands={Object.fromEntries(common.map((name) => [name, merged(declared.map((commands) => commands?.[name] ?? {}))]))} onClose={onClose} />
      )}
    </Modal>
  );
}

/** The command as the first type declares it; it interrupts service when it does for any. */
function merged(all: Declared[]): Declared {
  return { ...all[0], disruptive: all.some((each) => each.disruptive === true) };
}

function Form({ selector, commands, onClose }: { selector: string; commands: Record<string, Declared>; onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState<string | null>(null);
  const [typed, setTyped] = useState<Typed>({});
  const [concurrency, setConcurrency] = useState(50);
  const [failures, setFailures] = useState<number | string>('');
  const [timeout, setTimeout] = useState('');
  const [confirmed, setConfirmed] = useState('');
  const declared: Declared = (name === null ? undefined : commands[name]) ?? {};
  const { parameters, wrong } = parametersOf(declared.parameters ?? {}, typed);
  const disruptive = declared.disruptive === true;
  const valid = name !== null && Object.keys(wrong).length === 0;
  const body = { name, selector, parameters, concurrency, ...(failures !== '' && { maxFailures: Number(failures) }), ...(timeout.trim() && { timeout: timeout.trim() }), confirm: disruptive };
  const [asked] = useDebouncedValue(valid ? JSON.stringify(body) : '', 400);
  const plan = useQuery({
    queryKey: ['command-runs', 'plan', asked],
    enabled: asked !== '',
    queryFn: async () => (await (await raw('POST', '/api/v1/command-runs?dryRun=true', JSON.parse(asked))).json()) as Schemas['CommandPlan'],
    retry: false,
  });
  const current = asked === JSON.stringify(body) ? plan.data : undefined;
  const title = `${current?.assets ?? 0} assets`;
  const ready = current !== undefined && current.assets > 0 && (!(disruptive || current.assets > MANY) || confirmed === title);
  const run = useMutation({
    mutationFn: async () => (await (await raw('POST', '/api/v1/command-runs', body)).json()) as Schemas['CommandRun'],
    onSuccess: ({ id }) => void navigate({ to: '/commands/runs/$id', params: { id } }),
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (ready) run.mutate(); }}>
      <Stack>
        <Select
          label="Command"
          data-autofocus
          required
          searchable
          data={Object.keys(commands)}
          value={name}
          description={declared.description}
          onChange={(chosen) => {
            setName(chosen);
            setTyped(typedDefaults((chosen === null ? undefined : commands[chosen]?.parameters) ?? {}));
            setConfirmed('');
          }}
        />
        {name !== null && <SchemaForm schema={declared.parameters ?? {}} typed={typed} wrong={wrong} onChange={setTyped} />}
        <Group grow align="flex-end">
          <NumberInput label="At a time" min={1} max={10_000} value={concurrency} onChange={(value) => setConcurrency(Number(value) || 50)} />
          <NumberInput label="Stop after failures" placeholder="never" min={0} value={failures} onChange={setFailures} />
          <TextInput label="Within" placeholder="as the type says" value={timeout} onChange={(event) => setTimeout(event.currentTarget.value)} />
        </Group>
        {plan.error && asked !== '' ? (
          <Problem what="This cannot be given to all of them" error={plan.error} />
        ) : valid && current === undefined ? (
          <Group gap="xs" role="status"><Loader size="xs" /><Text size="sm" c="dimmed">asking who would get it…</Text></Group>
        ) : current ? (
          <Group gap="lg" role="status">
            <Figure name="would get it" value={current.assets} />
            <Figure name="left out: retired or quarantined" value={current.skipped} />
            {Object.entries(current.types).map(([type, count]) => <Figure key={type} name={type} value={count} />)}
          </Group>
        ) : null}
        {disruptive && <Alert color="orange" icon={<IconAlertTriangle />}><Text size="sm">{name} interrupts the service of each of them.</Text></Alert>}
        {current && current.assets > 0 && (disruptive || current.assets > MANY) && <TypedName name={title} value={confirmed} onChange={setConfirmed} />}
        {run.error && <Problem what="The command was not given" error={run.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Leave it</Button>
          <Button type="submit" color={disruptive ? 'red' : 'cyan'} disabled={!ready} loading={run.isPending}>Run</Button>
        </Group>
        {name !== null && <CommandLine label="same by command" command={line('muster', 'run', name, '--selector', selector, '--params', JSON.stringify(parameters), '--concurrency', String(concurrency), disruptive ? '--yes' : undefined)} />}
      </Stack>
    </form>
  );
}
