import { Group, Kbd, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { GO } from './Keys';
import { useRegisteredKeys, type KeyMap } from './keymap';

const NAMES: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', ' ': 'Space', mod: 'Ctrl', Escape: 'Esc' };

const EVERYWHERE: [string[], string][] = [
  [['Ctrl', 'K'], 'go to or do anything (⌘ K on a Mac)'],
  [['/'], 'search the list that is shown'],
  [['Esc'], 'close what is open, leave a field'],
  [['?'], 'this help'],
];

/** What the keyboard can do: on the screen that is shown, and everywhere. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const screens = useRegisteredKeys();
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
        {screens.map(({ title, keys }) => <Section key={title} title={title} rows={rowsOf(keys)} />)}
        <Section title="Everywhere" rows={EVERYWHERE} />
        <Section title="Go to" rows={Object.entries(GO).map(([letter, { title }]) => [['g', letter], title])} />
      </SimpleGrid>
    </Modal>
  );
}

function rowsOf(keys: KeyMap): [string[], string][] {
  return Object.entries(keys).map(([name, { does, lacks }]) => [
    (name.startsWith('mod+') ? ['mod', name.slice(4)] : [name]).map((key) => NAMES[key] ?? key),
    lacks === undefined ? does : `${does}: ${lacks}`,
  ]);
}

function Section({ title, rows }: { title: string; rows: [string[], string][] }) {
  return (
    <section>
      <Title order={2} size="sm" mb={6}>{title}</Title>
      <Stack gap={6}>
        {rows.map(([keys, does]) => (
          <Group key={does} gap="md" wrap="nowrap" align="flex-start">
            <Group gap={4} w={84} wrap="nowrap" style={{ flexShrink: 0 }}>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</Group>
            <Text size="sm">{does}</Text>
          </Group>
        ))}
      </Stack>
    </section>
  );
}
