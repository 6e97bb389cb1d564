import { Tabs } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

/** The tabs of a screen on one line, which is moved where there is no room for all, so that the chosen one is seen. */
export function TabRow({ chosen, children }: { chosen: string; children: ReactNode }) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers return a promise, which React would take for what cleans up.
    row.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  return <Tabs.List ref={row} style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>{children}</Tabs.List>;
}
