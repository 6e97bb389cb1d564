import { Alert, Button, Group, Loader, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { raw } from '../../api/client';
import { SETTLED, useAssetType, useCommand, type Asset, type Command } from '../../api/hooks';
import { TypedName } from '../../ui/confirm';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { parametersOf, typedDefaults, type ParameterSchema, type Typed } from '../../ui/parameters';
import { SchemaForm } from '../../ui/schemaform';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { Outcome } from './CommandDrawer';

type Declared = { description?: string; disruptive?: boolean; timeout?: string; parameters?: ParameterSchema };

/** Gives one of the commands that its type declares to an asset, and waits for the asset's word. */
export function RunCommand({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const type = useAssetType(asset.type);
  const [given, setGiven] = useState<string>();
  return (
    <Modal opened onClose={onClose} title={`Run a command on ${asset.id}`} size="lg">
      {given !== undefined ? (
        <Waiting id={given} onAgain={() => setGiven(undefined)} onClose={onClose} />
      ) : type.error ? (
        <Problem what={`The type ${asset.type} cannot be read`} error={type.error} retry={() => void type.refetch()} />
      ) : type.data === undefined ? (
        <Loading what="asking what it can do…" />
      ) : (
        <Form asset={asset} commands={(type.data.spec as { commands?: Record<string, Declared> }).commands ?? {}} onGiven={setGiven} />
      )}
    </Modal>
  );
}

function Form({ asset, commands, onGiven }: { asset: Asset; commands: Record<string, Declared>; onGiven: (id: string) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState<string | null>(null);
  const [typed, setTyped] = useState<Typed>({});
  const [timeout, setTimeout] = useState('');
  const [confirmed, setConfirmed] = useState('');
  const declared: Declared = (name === null ? undefined : commands[name]) ?? {};
  const schema = declared.parameters ?? {};
  const { parameters, wrong } = parametersOf(schema, typed);
  const disruptive = declared.disruptive === true;
  const give = useMutation({
    mutationFn: async () => {
      const body = { asset: asset.id, name, parameters, confirm: disruptive, ...(timeout.trim() && { timeout: timeout.trim() }) };
      return (await (await raw('POST', '/api/v1/commands', body)).json()) as Command;
    },
    onSuccess: (command) => {
      void queries.invalidateQueries({ queryKey: ['commands'] });
      onGiven(command.id);
    },
  });
  if (Object.keys(commands).length === 0) {
    return <Empty title={`Assets of type ${asset.type} take no commands`} command={`muster get asset-type ${asset.type} -o yaml`}>Declare them under <b>commands</b> in the type:</Empty>;
  }
  const ready = name !== null && Object.keys(wrong).length === 0 && (!disruptive || confirmed === asset.id);
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (ready) give.mutate(); }}>
      <Stack>
        <Select
          label="Command"
          data-autofocus
          required
          searchable
          data={Object.keys(commands).sort()}
          value={name}
          description={declared.description}
          onChange={(chosen) => {
            setName(chosen);
            setTyped(typedDefaults((chosen === null ? undefined : commands[chosen]?.parameters) ?? {}));
            setConfirmed('');
            give.reset();
          }}
        />
        {name !== null && (
          <>
            <SchemaForm schema={schema} typed={typed} wrong={wrong} onChange={setTyped} />
            <TextInput label="Within" description="when the asset has not done it by then, it is over" placeholder={declared.timeout ?? '10m'} value={timeout} onChange={(event) => setTimeout(event.currentTarget.value)} />
            {disruptive && (
              <>
                <Alert color="orange" icon={<IconAlertTriangle />}><Text size="sm">{name} interrupts the service of {asset.id}.</Text></Alert>
                <TypedName name={asset.id} value={confirmed} onChange={setConfirmed} />
              </>
            )}
            {asset.presence !== 'online' && (
              <Text size="sm" c="dimmed">{asset.id} is {asset.presence.replace('_', ' ')}: it gets the command when it connects, if that is in time.</Text>
            )}
          </>
        )}
        {give.error && <Problem what="The command was not given" error={give.error} />}
        <Group justify="flex-end"><Button type="submit" color={disruptive ? 'red' : 'cyan'} disabled={!ready} loading={give.isPending}>Run</Button></Group>
        {name !== null && <CommandLine label="same by command" command={asCommand(asset.id, name, parameters, timeout.trim(), disruptive)} />}
      </Stack>
    </form>
  );
}

/** The line that gives the same command; parameters as JSON where the short form would read them otherwise. */
export function asCommand(asset: string, name: string, parameters: Record<string, unknown>, timeout: string, disruptive: boolean): string {
  const plain = Object.values(parameters).every(
    (value) => typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !/^([-"\d]|true$|false$)/.test(value)),
  );
  return line(
    'muster', 'run', name, '--asset', asset,
    ...(plain ? Object.entries(parameters).flatMap(([key, value]) => ['--param', `${key}=${String(value)}`]) : ['--params', JSON.stringify(parameters)]),
    ...(timeout === '' ? [] : ['--timeout', timeout]),
    disruptive ? '--yes' : undefined,
  );
}

/** Shows what the server knows of the command, from the moment it was given to its end. */
function Waiting({ id, onAgain, onClose }: { id: string; onAgain: () => void; onClose: () => void }) {
  const answer = useCommand(id);
  if (answer.error) return <Problem what="How it goes cannot be told" error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Loading what="the command was given…" />;
  const command = answer.data;
  const over = SETTLED.has(command.status);
  return (
    <Stack>
      <Group gap="xs" role="status">
        <State value={command.status} />
        {!over && <Loader size="xs" />}
        <Text size="sm" c="dimmed">{command.name}{over ? '' : <>, until <Ago at={command.deadline} /></>}</Text>
      </Group>
      {command.reason && <Text size="sm">{command.reason}</Text>}
      <Outcome command={command} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onAgain}>Another one</Button>
        <Button onClick={onClose}>{over ? 'Done' : 'Do not wait'}</Button>
      </Group>
      <CommandLine label="same by command" command={`muster describe command ${command.id}`} />
    </Stack>
  );
}
