import { Badge, Group, Kbd, Loader, Modal, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Suspense, lazy, useEffect, useId, useRef, useState } from 'react';
import type { Schemas } from '../api/client';
import { useSections, type Chosen, type Entry, type Wants } from './entries';
import classes from './palette.module.css';

const RunCommand = lazy(() => import('../pages/commands/RunCommand').then((module) => ({ default: module.RunCommand })));
const Silence = lazy(() => import('../pages/alerts/Silence').then((module) => ({ default: module.Silence })));

const WANTED: Record<Wants, { action: string; placeholder: string; none: string }> = {
  asset: { action: 'Run a command on', placeholder: 'which asset?', none: 'No asset is like that.' },
  alert: { action: 'Silence', placeholder: 'which alert?', none: 'No firing alert is like that.' },
  runbook: { action: 'Start', placeholder: 'which runbook?', none: 'No runbook is like that.' },
};

type Props = { onClose: () => void; onShortcuts: () => void };

/** Goes anywhere and does what is done most, by typing. */
export function Palette({ onClose, onShortcuts }: Props) {
  const [chosen, setChosen] = useState<Chosen>();
  return (
    <Suspense fallback={null}>
      {chosen?.of === 'asset' ? (
        <RunCommand asset={chosen.asset} onClose={onClose} />
      ) : chosen?.of === 'alert' ? (
        <Silence alert={chosen.alert as Schemas['Alert']} onClose={onClose} />
      ) : (
        <Finder onClose={onClose} onShortcuts={onShortcuts} onChosen={setChosen} />
      )}
    </Suspense>
  );
}

/** A combobox after the ARIA authoring practices, 1.2. */
function Finder({ onClose, onShortcuts, onChosen }: Props & { onChosen: (chosen: Chosen) => void }) {
  const [words, setWords] = useState('');
  const [wants, setWants] = useState<Wants>();
  const [at, setAt] = useState(0);
  const restart = (wanted: Wants | undefined) => {
    setWants(wanted);
    setWords('');
    setAt(0);
  };
  const { sections, asking } = useSections(words.trim(), wants, { shortcuts: onShortcuts, want: restart, choose: onChosen });
  const entries = sections.flatMap((section) => section.entries);
  const list = useId();
  const here = Math.min(at, entries.length - 1);
  const marked = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    marked.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  const take = (entry: Entry | undefined) => {
    if (entry === undefined || entry.lacks !== undefined) return;
    if (wants === undefined && !STAYS.has(entry.key)) onClose();
    entry.act();
    if (wants === 'runbook') onClose();
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      setAt((here + step + entries.length) % entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // What is typed is not what is listed before the answer is there.
      if (!asking || wants === undefined) take(entries[here]);
    } else if (event.key === 'Backspace' && words === '' && wants !== undefined) {
      restart(undefined);
    }
  };
  const wanted = wants === undefined ? undefined : WANTED[wants];
  let index = -1;
  return (
    <Modal.Root opened onClose={onClose} yOffset="12vh" size={560}>
      <Modal.Overlay />
      <Modal.Content aria-label="go to or do">
      <Group gap={0} wrap="nowrap" pl={wanted ? 'md' : 0}>
        {wanted && <Badge variant="light" radius="sm" tt="none" size="lg" fw={500} style={{ flexShrink: 0 }}>{wanted.action}</Badge>}
        <TextInput
          data-autofocus
          variant="unstyled"
          size="md"
          px={wanted ? 'xs' : 4}
          py={6}
          style={{ flex: 1 }}
          placeholder={wanted?.placeholder ?? 'a screen, an asset, a rollout, an alert, an action…'}
          aria-label="go to"
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={entries[here] === undefined ? undefined : `${list}-${here}`}
          {...(wanted ? {} : { leftSection: <IconSearch size={17} aria-hidden />, leftSectionWidth: 44 })}
          rightSection={asking ? <Loader size={15} /> : undefined}
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={(event) => { setWords(event.currentTarget.value); setAt(0); }}
          onKeyDown={onKey}
        />
      </Group>
      <div id={list} role="listbox" aria-label="found" className={classes.list}>
        {sections.map((section) => (
          <div key={section.title} role="group" aria-label={section.title}>
            <Text size="xs" c="dimmed" fw={600} px={12} pt={6} pb={2} aria-hidden>{section.title}</Text>
            {section.entries.map((entry) => {
              const mine = ++index;
              return (
                <UnstyledButton
                  key={entry.key}
                  id={`${list}-${mine}`}
                  {...(mine === here ? { ref: marked } : {})}
                  role="option"
                  aria-selected={mine === here}
                  aria-disabled={entry.lacks !== undefined}
                  tabIndex={-1}
                  className={classes.entry ?? ''}
                  onClick={() => take(entry)}
                >
                  <entry.icon size={17} aria-hidden />
                  <Text size="sm" truncate className={classes.name ?? ''}>{entry.title}</Text>
                  {(entry.lacks ?? entry.note) && <Text size="xs" c="dimmed" truncate className={classes.note ?? ''}>{entry.lacks ?? entry.note}</Text>}
                </UnstyledButton>
              );
            })}
          </div>
        ))}
        {entries.length === 0 && !asking && <Text size="sm" c="dimmed" p="md">{wanted?.none ?? 'Nothing found.'}</Text>}
      </div>
      <Group gap="md" px="md" py={8} className={classes.foot ?? ''} visibleFrom="xs">
        <Text size="xs" c="dimmed"><Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> choose</Text>
        <Text size="xs" c="dimmed"><Kbd size="xs">Enter</Kbd> {wanted ? 'take it' : 'go'}</Text>
        {wanted && <Text size="xs" c="dimmed"><Kbd size="xs">⌫</Kbd> back</Text>}
        <Text size="xs" c="dimmed"><Kbd size="xs">Esc</Kbd> close</Text>
      </Group>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Actions that ask for an object here. */
const STAYS = new Set(['run', 'silence', 'runbook']);
