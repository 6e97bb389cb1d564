import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CommandLine } from '../ui/feedback';
import { LinkText } from '../ui/links';
import classes from './page.module.css';
import { above } from './screens';

/**
 * One screen: its title, what can be done on it, its content; above the title of an object, the list that it stands in. It is no wider than
 * can be read, unless it has the whole width to look at: a long list, a map, an axis of time.
 */
export function Page({ title, note, actions, whole = false, children }: { title: ReactNode; note?: ReactNode; actions?: ReactNode; whole?: boolean; children: ReactNode }) {
  useDocumentTitle(typeof title === 'string' ? `${title} · Muster` : 'Muster');
  const list = above(useRouterState({ select: (state) => state.location.pathname }));
  return (
    <Stack gap="md" className={whole ? '' : (classes.bounded ?? '')}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: '1 1 20rem', minWidth: 0 }}>
          {list && <nav aria-label="where this is"><LinkText to={list.to} size="xs" c="dimmed">{list.title}</LinkText></nav>}
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>{title}</Title>
          {note && <Text component="div" c="dimmed" size="sm">{note}</Text>}
        </div>
        {actions && <Group gap="xs" className={classes.actions ?? ''}>{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** In place of an object that is not there, or not for who asks: says which, and how to find what there is. */
export function Missing({ title, command, children }: { title: string; command?: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <Card>
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{children}</Text>
          {command && <CommandLine label="what there is" command={command} />}
        </Stack>
      </Card>
    </Page>
  );
}
