import { Alert, Anchor, Button, Code, Group, List, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ProblemError } from '../api/client';
import { CopyButton } from './copybutton';
import { inOurTime } from './time';
import { called } from './words';

/** What went wrong, in the server's words. */
export function Problem({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  const message = called(inOurTime(error instanceof Error ? error.message : String(error)));
  const fields = error instanceof ProblemError ? error.errors : [];
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={what} role="alert">
      <Text size="sm">{message}</Text>
      {fields.length > 0 && (
        <List size="sm" mt="xs">
          {fields.map((field) => (
            <List.Item key={field.field + field.message}>
              <Code>{field.field}</Code> {field.message}
            </List.Item>
          ))}
        </List>
      )}
      {retry && (
        <Button size="xs" variant="light" color="red" mt="sm" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** A list without entries teaches the next step. */
export function Empty({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <Title order={4} fw={600} ta="center">{title}</Title>
      {children && <Text c="dimmed" size="sm" ta="center" maw={520} style={{ textWrap: 'balance' }}>{children}</Text>}
      {command && <CommandLine command={command} />}
    </Stack>
  );
}

/** A command to paste. */
export function CommandLine({ command, label }: { command: string; label?: string }) {
  return (
    <Group gap={6} wrap="nowrap" maw="100%">
      {label && <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap', flexShrink: 0 }}>{label}</Text>}
      <Code tabIndex={0} style={{ overflowX: 'auto', whiteSpace: 'nowrap' }}>{command}</Code>
      <CopyButton value={command}>
        {({ copied, copy }) => (
          <Anchor component="button" type="button" size="xs" onClick={copy} aria-label={copied ? 'copied' : 'copy the command'}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </Anchor>
        )}
      </CopyButton>
    </Group>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <Group justify="center" py={48} gap="sm" role="status">
      <Loader size="sm" />
      <Text c="dimmed" size="sm">{what}</Text>
    </Group>
  );
}
