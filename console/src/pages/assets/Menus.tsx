import { ActionIcon, Alert, Button, Checkbox, Group, Menu, Modal, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconChevronDown, IconColumns3, IconTrash, IconUsers } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { raw } from '../../api/client';
import { useMay, useMe } from '../../shell/Session';
import { Problem } from '../../ui/feedback';
import { MenuTick } from '../../ui/menuchoice';
import { USUAL, offered } from './columns';
import { useKeys, useViews, type View } from './hooks';
import { useMetricsOf } from './latest';
import { chosenLines, type Search } from './search';
import { searchOf } from './views';

function shows(search: Search, view: View): boolean {
  return (search.q ?? '') === (view.q ?? '') && (search.selector ?? '') === (view.selector ?? '') && chosenLines(search).join('\n') === view.facets.join('\n');
}

/** Ways to look at the list that somebody gave a name. */
export function ViewsMenu({ search, columns, onOpen }: { search: Search; columns: string[]; onOpen: (view: Search) => void }) {
  const views = useViews();
  const [listed, setListed] = useState(false);
  const [saving, setSaving] = useState(false);
  const [parting, setParting] = useState<View>();
  const me = useMe();
  const lacksAdmin = useMay('asset', 'admin');
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (view: View) => raw('DELETE', `/api/v1/asset-views/${view.id}`),
    onSuccess: () => {
      setParting(undefined);
      void queries.invalidateQueries({ queryKey: ['asset-views'] });
    },
  });
  const current = views.data?.find((view) => shows(search, view) && (search.q || search.selector || chosenLines(search).length > 0));
  return (
    <>
      <Menu position="bottom-end" width={300} opened={listed} onChange={setListed}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<IconBookmark size={15} aria-hidden />} rightSection={<IconChevronDown size={13} aria-hidden />}>{current?.name ?? 'Views'}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.error && <Text size="xs" c="red" p="xs">{views.error.message}</Text>}
          {views.data?.length === 0 && <Text size="xs" c="dimmed" p="xs">No view is kept yet. Narrow the list, then keep how it looks.</Text>}
          <ScrollArea.Autosize mah={340} type="auto">
            {views.data?.map((view) => (
              <Group key={view.id} gap={2} wrap="nowrap">
                <Menu.Item
                  leftSection={view.shared ? <IconUsers size={15} aria-label="for everybody" /> : <IconBookmark size={15} aria-label="your own" />}
                  fw={view.id === current?.id ? 650 : 400}
                  onClick={() => onOpen(searchOf(view))}
                  rightSection={view.owner === me.name ? null : <Text size="xs" c="dimmed">{view.owner}</Text>}
                >
                  {view.name}
                </Menu.Item>
                {(view.owner === me.name || lacksAdmin === undefined) && (
                  <ActionIcon variant="subtle" color="gray" aria-label={`delete the view ${view.name}`} onClick={() => { setListed(false); setParting(view); }}><IconTrash size={15} /></ActionIcon>
                )}
              </Group>
            ))}
          </ScrollArea.Autosize>
          <Menu.Divider />
          <Menu.Item onClick={() => setSaving(true)}>Keep what is shown…</Menu.Item>
          <Menu.Item onClick={() => onOpen({})}>All assets</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {saving && <SaveView search={search} columns={columns} onClose={() => setSaving(false)} />}
      {parting && (
        <Modal opened onClose={() => setParting(undefined)} title={`Delete the view ${parting.name}`}>
          <Stack>
            <Text size="sm">{parting.shared ? 'Nobody will find it any more. Addresses that were copied from it go on working.' : 'Addresses that were copied from it go on working.'}</Text>
            {remove.error && <Problem what="It was not deleted" error={remove.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setParting(undefined)}>Leave it</Button>
              <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(parting)}>Delete</Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}

function SaveView({ search, columns, onClose }: { search: Search; columns: string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const lacks = useMay('asset');
  const me = useMe();
  const views = useViews();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const usual = columns.join(' ') === USUAL.join(' ');
  const save = useMutation({
    mutationFn: () =>
      raw('POST', '/api/v1/asset-views', {
        name: name.trim(),
        shared,
        ...(search.q && { q: search.q }),
        ...(search.selector && { selector: search.selector }),
        facets: chosenLines(search),
        columns: usual ? [] : columns,
        ...(search.sort && { sort: search.sort }),
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['asset-views'] });
      onClose();
    },
  });
  const replaces = views.data?.some((view) => view.owner === me.name && view.name === name.trim());
  return (
    <Modal opened onClose={onClose} title="Keep what is shown as a view">
      <form onSubmit={(event) => { event.preventDefault(); if (name.trim() !== '') save.mutate(); }}>
        <Stack>
          <Text size="sm" c="dimmed">The words, the selector, what is chosen of the facets, the columns and the order; not the assets that are there now.</Text>
          <TextInput label="Name" required data-autofocus maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Checkbox radius="sm" label="For everybody" description={lacks ?? 'each sees of it what the own scope allows'} disabled={lacks !== undefined} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          {replaces && <Alert color="gray">Takes the place of your view of this name.</Alert>}
          {save.error && <Problem what="The view was not kept" error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Leave it</Button>
            <Button type="submit" disabled={name.trim() === ''} loading={save.isPending}>Keep</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Which columns are shown, of those that assets have, or assets of this type. */
export function ColumnsMenu({ shown, type, onChange }: { shown: string[]; type: string | undefined; onChange: (columns: string[] | undefined) => void }) {
  const keys = useKeys();
  const metrics = useMetricsOf(type);
  const values = (of: { value: string }[] | undefined) => (of ?? []).map(({ value }) => value);
  const all = offered({ labels: values(keys.data?.labels), software: values(keys.data?.software), metrics: Object.keys(metrics) }, shown);
  return (
    <Menu position="bottom-end" width={280} closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={15} aria-hidden />}>Columns</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{type === undefined ? 'remembered on this browser' : `remembered for ${type} on this browser`}</Menu.Label>
        <ScrollArea.Autosize mah={380} type="auto" scrollbars="y">
          {all.filter(({ key }) => key !== 'id').map(({ key, title, kind }) => (
            <Menu.Item
              key={key}
              component={MenuTick}
              aria-checked={shown.includes(key)}
              leftSection={<Checkbox size="xs" radius="sm" readOnly tabIndex={-1} checked={shown.includes(key)} aria-hidden style={{ pointerEvents: 'none' }} />}
              onClick={() => onChange(shown.includes(key) ? shown.filter((each) => each !== key) : [...shown, key])}
            >
              {title}{' '}
              {kind && <Text size="xs" c="dimmed" span ml={3}>{kind}</Text>}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        <Menu.Divider />
        {type === undefined && <Text size="xs" c="dimmed" px="sm" py={4}>Narrow to one type to choose among its metrics.</Text>}
        <Menu.Item onClick={() => onChange(undefined)}>The usual ones</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
