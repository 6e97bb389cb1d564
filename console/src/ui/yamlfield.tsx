import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { Suspense, lazy, type ReactNode } from 'react';
import { CopyButton } from './copybutton';

const Editor = lazy(() => import('./yamleditor'));

export type YamlProps = {
  value: string;
  /** Without it the text is only shown. */
  onChange?: ((text: string) => void) | undefined;
  label: string;
  /** What the server says about fields; each is marked where it stands. */
  problems?: { field: string; message: string }[] | undefined;
  minHeight?: number;
  maxHeight?: string;
};

/** A text in YAML to read, to copy and, where it may be changed, to write. The plain text is there before the editor is. */
export function YamlField({ title, actions, note, ...props }: YamlProps & { title?: ReactNode; actions?: ReactNode; note?: ReactNode }) {
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>{title ?? props.label}</Text>
        <Group gap="xs">
          {actions}
          <CopyButton value={props.value}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
        </Group>
      </Group>
      <Suspense fallback={<Code block tabIndex={0} style={{ maxHeight: props.maxHeight ?? '60dvh', overflow: 'auto' }}>{props.value}</Code>}>
        <Editor {...props} />
      </Suspense>
      {note && <Text size="xs" c="dimmed">{note}</Text>}
    </Stack>
  );
}
