import { Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Page } from '../../shell/Page';
import { LinkText } from '../../ui/links';

const PAGES = [
  { to: '/alert-rules', title: 'Rules' },
  { to: '/silences', title: 'Silences' },
  { to: '/routing', title: 'Routing' },
  { to: '/schedules', title: 'Schedules' },
] as const;

/** What decides who is told of what: one frame for its four screens. */
export function Alerting({ title, note, actions, children }: { title: string; note: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Page title={title} note={note} actions={actions}>
      <Group component="nav" aria-label="alerting" gap="lg" style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}>
        {PAGES.map((page) => (
          <LinkText key={page.to} to={page.to} size="sm" c="var(--mantine-color-text)" underline="never" pb={8} activeOptions={{ exact: false, includeSearch: false }} activeProps={{ 'aria-current': 'page', style: { borderBottom: '2px solid var(--mantine-primary-color-filled)', fontWeight: 600 } }}>{page.title}</LinkText>
        ))}
      </Group>
      {children}
    </Page>
  );
}
