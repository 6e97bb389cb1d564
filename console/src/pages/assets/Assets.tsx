import { Button, Card, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, data } from '../../api/client';
import { useAssetTypes, usePages, type Asset } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { PRESENCES } from '../overview/Overview';

const route = getRouteApi('/assets');
type Search = { q?: string; selector?: string; type?: string; presence?: string };

const COLUMNS: Column<Asset>[] = [
  {
    key: 'id',
    title: 'Asset',
    width: 'minmax(8rem, 2fr)',
    cell: (asset) => (
      <Link to="/assets/$id" params={{ id: asset.id }} className="plain"><b>{asset.id}</b></Link>
    ),
  },
  { key: 'presence', title: 'Presence', width: '8.5rem', cell: (asset) => <State value={asset.presence} /> },
  { key: 'seen', title: 'Last seen', width: '6.5rem', cell: (asset) => <Ago at={asset.lastSeen} />, wide: true },
  { key: 'type', title: 'Type', width: 'minmax(6rem, 1fr)', cell: (asset) => asset.type, wide: true },
  { key: 'lifecycle', title: 'Lifecycle', width: '8.5rem', cell: (asset) => <State value={asset.lifecycle} />, wide: true },
  { key: 'region', title: 'Region', width: 'minmax(5rem, 1fr)', cell: (asset) => asset.region || '–', wide: true },
  { key: 'site', title: 'Site', width: 'minmax(5rem, 1fr)', cell: (asset) => asset.site || '–', wide: true },
  {
    key: 'labels',
    title: 'Labels',
    width: 'minmax(8rem, 2fr)',
    cell: (asset) => <Text size="xs" c="dimmed" truncate>{Object.entries(asset.labels).map(([key, value]) => `${key}=${value}`).join(' ')}</Text>,
    wide: true,
  },
];

/** The selector that the fields of the screen stand for; what one could as well type or give to `muster`. */
export function selectorOf(search: Search): string | undefined {
  const parts = [
    search.selector === undefined ? undefined : search.type || search.presence ? `(${search.selector})` : search.selector,
    search.type && `asset.type == '${search.type}'`,
    search.presence && `asset.presence == '${search.presence}'`,
  ].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.join(' && ');
}

export default function Assets() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/assets' });
  const types = useAssetTypes();
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  const change = (part: Search) =>
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)) as Search,
      replace: true,
    });
  const selector = selectorOf(search);
  const list = usePages<Asset>(['assets'], '/api/v1/assets', { q: search.q, selector, limit: 200 }, 10_000);
  const count = useQuery({
    queryKey: ['assets', 'count', search.q, selector],
    queryFn: () => data(api.GET('/api/v1/assets/count', { params: { query: { ...(search.q && { q: search.q }), ...(selector && { selector }) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const filtered = search.q !== undefined || selector !== undefined;
  return (
    <Page title="Assets" note={count.data ? `${count.data.count.toLocaleString()} ${filtered ? 'match' : 'in all'}` : undefined}>
      <Group gap="xs" align="flex-end">
        <Typed
          key={`q${search.q === undefined}`}
          label="Search"
          placeholder="id, owner, site, label…  ( / )"
          value={search.q ?? ''}
          onTyped={(q) => change({ q })}
          inputRef={field}
          icon
        />
        <Select label="Type" placeholder="any" clearable data={types.data ?? []} value={search.type ?? null} onChange={(type) => change({ type: type ?? '' })} w={150} />
        <Select
          label="Presence"
          placeholder="any"
          clearable
          data={PRESENCES.map((value) => ({ value, label: value.replace('_', ' ') }))}
          value={search.presence ?? null}
          onChange={(presence) => change({ presence: presence ?? '' })}
          w={150}
        />
        <Typed
          key={`s${search.selector === undefined}`}
          label="Selector (CEL)"
          placeholder="asset.labels.ring == 'canary'"
          value={search.selector ?? ''}
          onTyped={(typed) => change({ selector: typed })}
          mono
        />
        {filtered && <Button variant="subtle" color="gray" onClick={() => void navigate({ search: {}, replace: true })}>Clear</Button>}
      </Group>
      {list.error ? (
        <Problem what="These assets cannot be listed" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading assets…" />
      ) : list.rows.length === 0 ? (
        <Card>
          {filtered ? (
            <Empty title="No asset matches">Change the words or the selector above.</Empty>
          ) : (
            <Empty title="There is no asset yet" command="muster import assets fleet.csv">Import a list, or create one with muster create asset.</Empty>
          )}
        </Card>
      ) : (
        <DataTable
          label="assets"
          columns={COLUMNS}
          rows={list.rows}
          rowKey={(asset) => asset.id}
          onOpen={(asset) => void navigate({ to: '/assets/$id', params: { id: asset.id } })}
          more={() => void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          busy={list.isFetchingNextPage}
        />
      )}
      <CommandLine label="same by command" command={`muster get assets${search.q ? ` -q ${quoted(search.q)}` : ''}${selector ? ` --selector ${quoted(selector)}` : ''}`} />
    </Page>
  );
}

function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

type TypedProps = {
  label: string;
  placeholder: string;
  value: string;
  onTyped: (text: string) => void;
  mono?: boolean;
  icon?: boolean;
  inputRef?: React.RefObject<HTMLInputElement | null>;
};

/** A field that is acted on when one pauses, so that no half word is asked for. */
function Typed({ label, placeholder, value, onTyped, mono, icon, inputRef }: TypedProps) {
  const [text, setText] = useState(value);
  const act = useDebouncedCallback(onTyped, 350);
  return (
    <TextInput
      {...(inputRef ? { ref: inputRef } : {})}
      label={label}
      placeholder={placeholder}
      value={text}
      leftSection={icon ? <IconSearch size={15} /> : undefined}
      onChange={(event) => {
        setText(event.currentTarget.value);
        act(event.currentTarget.value.trim());
      }}
      styles={mono ? { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } : {}}
      style={{ flex: '1 1 220px' }}
    />
  );
}
