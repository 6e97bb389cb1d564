import { Group, Kbd, Modal, Text, TextInput, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCpu, IconKeyboard, IconMoon, IconSearch, IconSun, IconWorldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState, type ComponentType } from 'react';
import { api, data } from '../api/client';
import classes from './palette.module.css';
import { SCREENS } from './screens';

type Entry = { key: string; title: string; note?: string; icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>; act: () => void };

const ASSETS = 8;

/** Goes anywhere by typing: screens, assets, a few actions. A combobox after the ARIA authoring practices, 1.2. */
export function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const entries = useEntries(words.trim(), onShortcuts);
  const list = useId();
  const here = Math.min(at, entries.length - 1);
  const marked = useRef<HTMLButtonElement>(null);
  useEffect(() => marked.current?.scrollIntoView({ block: 'nearest' }), [here]);
  const take = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.act();
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      setAt((here + step + entries.length) % entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(entries[here]);
    }
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} yOffset="12vh" aria-label="go to">
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        px="md"
        py={6}
        placeholder="a screen, an asset, an action…"
        aria-label="go to"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={entries[here] === undefined ? undefined : `${list}-${here}`}
        leftSection={<IconSearch size={17} aria-hidden />}
        leftSectionWidth={44}
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => { setWords(event.currentTarget.value); setAt(0); }}
        onKeyDown={onKey}
      />
      <div id={list} role="listbox" aria-label="found" className={classes.list}>
        {entries.map((entry, index) => (
          <UnstyledButton
            key={entry.key}
            id={`${list}-${index}`}
            {...(index === here ? { ref: marked } : {})}
            role="option"
            aria-selected={index === here}
            tabIndex={-1}
            className={classes.entry ?? ''}
            onClick={() => take(entry)}
          >
            <entry.icon size={17} aria-hidden />
            <Text size="sm" truncate style={{ flex: 1 }}>{entry.title}</Text>
            {entry.note && <Text size="xs" c="dimmed">{entry.note}</Text>}
          </UnstyledButton>
        ))}
        {entries.length === 0 && <Text size="sm" c="dimmed" p="md">Nothing found.</Text>}
      </div>
      <Group gap="md" px="md" py={8} className={classes.foot ?? ''} visibleFrom="xs">
        <Text size="xs" c="dimmed"><Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> choose</Text>
        <Text size="xs" c="dimmed"><Kbd size="xs">Enter</Kbd> go</Text>
        <Text size="xs" c="dimmed"><Kbd size="xs">Esc</Kbd> close</Text>
      </Group>
    </Modal>
  );
}

function useEntries(words: string, onShortcuts: () => void): Entry[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const [asked] = useDebouncedValue(words, 150);
  const assets = useQuery({
    queryKey: ['assets', 'palette', asked],
    enabled: asked !== '',
    queryFn: () => data(api.GET('/api/v1/assets', { params: { query: { q: asked, limit: ASSETS } } })),
    staleTime: 10_000,
  });
  const screens: Entry[] = SCREENS.flatMap((group) => group.screens).map((screen) => ({
    key: screen.to,
    title: screen.title,
    note: 'screen',
    icon: screen.icon,
    act: () => void navigate({ to: screen.to }),
  }));
  const actions: Entry[] = [
    { key: 'scheme', title: dark ? 'Light colours' : 'Dark colours', note: 'action', icon: dark ? IconSun : IconMoon, act: () => setColorScheme(dark ? 'light' : 'dark') },
    { key: 'shortcuts', title: 'Keyboard shortcuts', note: '?', icon: IconKeyboard, act: onShortcuts },
  ];
  const holds = (entry: Entry) => entry.title.toLowerCase().includes(words.toLowerCase());
  if (words === '') return [...screens, ...actions];
  const found: Entry[] = (assets.data?.items ?? []).map((asset) => ({
    key: `asset ${asset.id}`,
    title: asset.id,
    note: `${asset.type}, ${asset.presence.replace('_', ' ')}`,
    icon: IconCpu,
    act: () => void navigate({ to: '/assets/$id', params: { id: asset.id } }),
  }));
  return [
    ...screens.filter(holds),
    ...found,
    ...actions.filter(holds),
    { key: 'search', title: `Assets with “${words}”`, note: 'search', icon: IconWorldSearch, act: () => void navigate({ to: '/assets', search: { q: words } }) },
  ];
}
