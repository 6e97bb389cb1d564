import { Alert, Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { CommandLine, Problem } from './feedback';

/** Asks for a name, typed: whoever types it has read it. */
export function TypedName({ name, value, onChange }: { name: string; value: string; onChange: (typed: string) => void }) {
  return (
    <TextInput
      label={<>Type <Code>{name}</Code> to confirm</>}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

type Props = {
  /** What is done, as on the button. */
  verb: string;
  name: string;
  consequence: ReactNode;
  /** Whether a reason is asked for, which is kept with the act. */
  reasoned?: boolean;
  /** Whether it only goes on, or can be taken back as easily. */
  harmless?: boolean;
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
  command?: (reason: string) => string;
};

/** Asks twice before something that interrupts service, or that many will notice. Shows what the server answered, never more. */
export function Confirm({ verb, name, consequence, reasoned = false, harmless = false, act, onClose, command }: Props) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const doing = useMutation({ mutationFn: () => act(reason.trim()), onSuccess: onClose });
  const ready = typed === name && (!reasoned || reason.trim() !== '');
  return (
    <Modal opened onClose={onClose} title={`${verb} ${name}`} closeButtonProps={{ 'aria-label': 'close' }}>
      <form onSubmit={(event) => { event.preventDefault(); if (ready) doing.mutate(); }}>
        <Stack>
          <Alert color={harmless ? 'gray' : 'orange'} icon={harmless ? <IconInfoCircle /> : <IconAlertTriangle />}><Text size="sm">{consequence}</Text></Alert>
          {reasoned && <TextInput label="Reason" description="kept in the audit trail" required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
          <TypedName name={name} value={typed} onChange={setTyped} />
          {doing.error && <Problem what="It was not done" error={doing.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Leave it</Button>
            <Button type="submit" color={harmless ? 'cyan' : 'red'} disabled={!ready} loading={doing.isPending}>{verb}</Button>
          </Group>
          {command && <CommandLine label="same by command" command={command(reason.trim())} />}
        </Stack>
      </form>
    </Modal>
  );
}
