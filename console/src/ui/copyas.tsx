import { Button, Code, Menu, Modal, ScrollArea, Text, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCode, IconCopy, IconTerminal2, IconWorldDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copied } from './clipboard';
import { curl, type Request } from './curl';
import { yaml as written } from './yaml';

type Props = {
  /** The GET that answers what is shown, with its parameters, or what a form would send. */
  path: string;
  method?: Request['method'];
  body?: unknown;
  /** The object as the API knows it; or YAML that is written already. */
  yaml?: unknown;
  /** The `muster` line that does the same. */
  command?: string;
  /** On the button. */
  label?: string;
};

const SHOWN_MS = 2000;

/** Copies what is shown for another tool: as YAML, as `curl`, as `muster`. No copied text holds a token. */
export function CopyAs({ path, method = 'GET', body, yaml, command, label = 'Copy as' }: Props) {
  const [done, setDone] = useState<string>();
  const [byHand, setByHand] = useState<string>();
  useEffect(() => {
    if (done === undefined) return;
    const timer = window.setTimeout(() => setDone(undefined), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [done]);
  const copy = (name: string, text: string) =>
    void copied(text).then((worked) => {
      if (worked) setDone(name);
      else setByHand(text);
    });
  const entries = [
    ...(yaml === undefined ? [] : [{ name: 'YAML', icon: IconCode, text: () => (typeof yaml === 'string' ? yaml : written(yaml)) }]),
    { name: 'curl', icon: IconWorldDownload, text: () => curl({ path, method, body }, window.location.origin) },
    ...(command === undefined ? [] : [{ name: 'muster', icon: IconTerminal2, text: () => command }]),
  ];
  return (
    <>
      <Menu position="bottom-end" width={170} closeOnItemClick={false}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={done === undefined ? <IconCopy size={15} aria-hidden /> : <IconCheck size={15} aria-hidden />}>
            {done === undefined ? label : 'Copied'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {entries.map(({ name, icon: Icon, text }) => (
            <Menu.Item key={name} leftSection={done === name ? <IconCheck size={15} aria-hidden /> : <Icon size={15} aria-hidden />} onClick={() => copy(name, text())}>
              {done === name ? `${name} copied` : name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <VisuallyHidden role="status">{done === undefined ? '' : `${done} copied`}</VisuallyHidden>
      {byHand !== undefined && (
        <Modal opened onClose={() => setByHand(undefined)} title="Copy by hand" size="lg">
          <Text size="sm" c="dimmed" mb="xs">This browser lets no page write to the clipboard here; over https it does.</Text>
          <ScrollArea.Autosize mah={400} viewportProps={{ tabIndex: 0 }}><Code block>{byHand}</Code></ScrollArea.Autosize>
        </Modal>
      )}
    </>
  );
}
