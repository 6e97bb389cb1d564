import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { CommandLine, Problem } from './feedback';

type Props = {
  /** What is done, as on the button. */
  verb: string;
  name: string;
  consequence: ReactNode;
  /** What may be said about it, or has to be. */
  says?: { label: string; description: string; required?: boolean };
  /** Whether what else is asked for is answered. */
  ready?: boolean;
  act: (said: string) => Promise<unknown>;
  onClose: () => void;
  command?: (said: string) => string;
  children?: ReactNode;
};

/** Asks once before something that interrupts nothing: says what it does, and shows what the server answered. */
export function Ask({ verb, name, consequence, says, ready = true, act, onClose, command, children }: Props) {
  const [said, setSaid] = useState('');
  const doing = useMutation({ mutationFn: () => act(said.trim()), onSuccess: onClose });
  const complete = ready && (says?.required !== true || said.trim() !== '');
  return (
    <Modal opened onClose={onClose} title={`${verb} ${name}`} size="lg" closeButtonProps={{ 'aria-label': 'close' }}>
      <form onSubmit={(event) => { event.preventDefault(); if (complete) doing.mutate(); }}>
        <Stack>
          <Alert color="gray" icon={<IconInfoCircle />}><Text size="sm">{consequence}</Text></Alert>
          {children}
          {says && <TextInput label={says.label} description={says.description} required={says.required === true} data-autofocus value={said} onChange={(event) => setSaid(event.currentTarget.value)} />}
          {doing.error && <Problem what="It was not done" error={doing.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Leave it</Button>
            <Button type="submit" color="cyan" disabled={!complete} loading={doing.isPending}>{verb}</Button>
          </Group>
          {command && <CommandLine label="same by command" command={command(said.trim())} />}
        </Stack>
      </form>
    </Modal>
  );
}
