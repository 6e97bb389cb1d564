import { ActionIcon, Button, Card, Checkbox, Collapse, Group, Pill, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp, IconDownload, IconFilter, IconUpload } from '@tabler/icons-react';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useMemo, useRef, useState } from 'react';
import { ProblemError } from '../../api/client';
import { usePages, type Asset } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { DataTable, type Column } from '../../ui/table';
import { BulkBar } from './BulkBar';
import { FacetPanel } from './FacetPanel';
import { ColumnsMenu, ViewsMenu } from './Menus';
import { SearchField } from './SearchField';
import { USUAL, columnsOf, metricsIn, remember, remembered } from './columns';
import { useFacets } from './hooks';
import { chunksOf, useLatest, useMetricsOf } from './latest';
import { MAX_TICKED, chosenOf, cleared, selectorOf, titleOf, toggled, type Search } from './search';
import classes from './search.module.css';

const loadMap = () => import('./MapView');
const MapView = lazy(loadMap);
// A link to the map need not wait for the screen around it.
if (new URLSearchParams(window.location.search).get('view') === 'map') void loadMap();
const route = getRouteApi('/assets');

export default function Assets() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/assets' });
  const lacks = useMay('asset');
  const narrow = useMediaQuery('(max-width: 1100px)');
  const [open, { toggle }] = useDisclosure(false);
  const go = (next: Search) => void navigate({ search: next, replace: true });
  const change = (part: Search) => go(kept({ ...search, ...part }));
  const selector = selectorOf(search);
  const chosen = chosenOf(search);
  const facets = useFacets(search);
  const fault = facets.error instanceof ProblemError && facets.error.status === 400 ? facets.error.message : undefined;
  const filtered = search.q !== undefined || selector !== undefined;
  // While a selector is half written, the last one that was whole stays on the screen.
  const whole = useRef<{ search: Search; facets: NonNullable<typeof facets.data> } | undefined>(undefined);
  if (facets.data && !facets.error && !facets.isPlaceholderData) whole.current = { search, facets: facets.data };
  const shown = fault === undefined ? search : whole.current?.search;
  const counted = facets.data ?? whole.current?.facets;
  const total = counted?.assets;
  const types = chosen.get('type') ?? [];
  const type = types.length === 1 ? types[0] : undefined;
  const columns = search.cols?.split(' ').filter(Boolean) ?? remembered(type ?? '') ?? USUAL;
  const setColumns = (next: string[] | undefined) => {
    remember(type ?? '', next);
    const { cols: _cols, ...rest } = search;
    go(next === undefined ? rest : { ...rest, cols: next.join(' ') });
  };
  const show = (view: 'map' | undefined) => {
    const { view: _view, ...rest } = search;
    go(view === undefined ? rest : { ...rest, view });
  };
  const chosenValues = [...chosen].flatMap(([facet, values]) => values.map((value) => ({ facet, value })));
  const query = new URLSearchParams({ ...(search.q && { q: search.q }), ...(selector && { selector }) });
  return (
    <Page
      whole
      title="Assets"
      note={total === undefined || fault !== undefined ? '\u00a0' : `${total.toLocaleString()} ${filtered ? (total === 1 ? 'matches' : 'match') : 'in all'}`}
      actions={
        <>
          <Button.Group aria-label="how assets are shown">
            <Button size="xs" variant={search.view === 'map' ? 'default' : 'light'} aria-pressed={search.view !== 'map'} onClick={() => show(undefined)}>List</Button>
            <Button size="xs" variant={search.view === 'map' ? 'light' : 'default'} aria-pressed={search.view === 'map'} onClick={() => show('map')}>Map</Button>
          </Button.Group>
          <ViewsMenu search={search} columns={columns} onOpen={(view) => go(search.view === 'map' ? { ...view, view: 'map' } : view)} />
          {search.view !== 'map' && <ColumnsMenu shown={columns} type={type} onChange={setColumns} />}
          <Button component="a" variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />} href={`/api/v1/assets/export?${query}`} download="assets.csv">CSV</Button>
          <Button component={Link} to="/import/assets" variant="default" size="xs" leftSection={<IconUpload size={15} aria-hidden />} disabled={lacks !== undefined} title={lacks}>Import</Button>
        </>
      }
    >
      <SearchField
        words={search.q ?? ''}
        selector={search.selector ?? ''}
        fault={fault}
        onSearch={(found) => {
          const { q: _q, selector: _selector, sel: _sel, ...rest } = search;
          go(kept({ ...rest, ...found }));
        }}
      />
      {(chosenValues.length > 0 || narrow) && (
        <Group gap={6}>
          {narrow && <Button size="compact-sm" variant={open ? 'light' : 'default'} leftSection={<IconFilter size={14} aria-hidden />} aria-expanded={open} onClick={toggle}>Narrow</Button>}
          {chosenValues.map(({ facet, value }) => (
            <Pill key={`${facet}=${value}`} withRemoveButton size="md" removeButtonProps={{ 'aria-label': `without ${titleOf(facet)} ${value}`, 'aria-hidden': false, tabIndex: 0 }} onRemove={() => go(toggled(search, facet, value))}>
              <Text span inherit c="dimmed">{titleOf(facet)}</Text> {value === '' ? 'none' : value.replaceAll('_', ' ')}
            </Pill>
          ))}
          {chosenValues.length > 0 && <Button variant="subtle" color="gray" size="compact-xs" onClick={() => { const { q: _q, selector: _s, f: _f, type: _t, presence: _p, sel: _sel, ...rest } = search; go(rest); }}>Clear all</Button>}
        </Group>
      )}
      <div className={classes.layout}>
        <Collapse in={!narrow || open} transitionDuration={0}>
          <div className={classes.side} data-old={fault !== undefined || undefined}>
            {counted ? (
              <FacetPanel
                search={search}
                answer={counted}
                onToggle={(facet, value) => go(toggled(search, facet, value))}
                onClear={(facet) => go(cleared(search, facet))}
                onBy={(by) => { const { by: _by, ...rest } = search; go(by.length === 0 ? rest : { ...rest, by: by.join(' ') }); }}
              />
            ) : facets.error && fault === undefined ? (
              <Problem what="The assets cannot be counted" error={facets.error} retry={() => void facets.refetch()} />
            ) : null}
          </div>
        </Collapse>
        {search.view === 'map' ? (
          <Suspense fallback={<Loading what="loading the map…" />}>
            <MapView search={search} selector={selector} valid={fault === undefined} onChange={change} />
          </Suspense>
        ) : shown === undefined ? (
          <Card><Empty title="The selector is not valid">Where it goes wrong is underlined. Press Ctrl Space in the field to see what fits.</Empty></Card>
        ) : (
          <div className={classes.main} data-old={fault !== undefined || undefined} {...(fault !== undefined && { 'aria-busy': true })}>
            <List search={shown} selector={selectorOf(shown)} columns={columns} type={type} total={total} filtered={filtered} go={go} />
          </div>
        )}
      </div>
      {search.view !== 'map' && (search.sel !== undefined || search.act !== undefined || search.change !== undefined) && <BulkBar search={search} total={total} go={go} />}
      <CommandLine label="same by command" command={line('muster', 'get', 'assets', ...(search.q ? ['-q', search.q] : []), ...(selector ? ['--selector', selector] : []))} />
    </Page>
  );
}

/** Without what is empty. */
function kept(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as Search;
}

type ListProps = { search: Search; selector: string | undefined; columns: string[]; type: string | undefined; total: number | undefined; filtered: boolean; go: (next: Search) => void };

function List({ search, selector, columns, type, total, filtered, go }: ListProps) {
  const navigate = useNavigate();
  const list = usePages<Asset>(['assets'], '/api/v1/assets', { q: search.q, selector, sort: search.sort, limit: 200 }, 10_000);
  const [view, setView] = useState({ first: 0, last: 0 });
  const metrics = useMetricsOf(type);
  const measured = metricsIn(columns);
  const latest = useLatest(chunksOf(list.rows.map(({ id }) => id), view.first, view.last), measured);
  const last = useRef<number | undefined>(undefined);
  const ticked = useMemo(() => new Set(Array.isArray(search.sel) ? search.sel : []), [search.sel]);
  const all = search.sel === 'all';
  const tick = (ids: string[], on: boolean) => {
    const next = on ? [...new Set([...ticked, ...ids])].slice(0, MAX_TICKED) : [...ticked].filter((id) => !ids.includes(id));
    const { sel: _sel, ...rest } = search;
    go(next.length === 0 ? rest : { ...rest, sel: next });
  };
  const ticks: Column<Asset> = {
    key: 'tick',
    width: '2.6rem',
    title: (
      <Checkbox
        size="xs"
        radius="sm"
        aria-label={all ? 'choose none' : `choose all ${total ?? ''} that match`}
        title={all ? 'choose none' : `choose all ${total?.toLocaleString() ?? ''} that match`}
        checked={all}
        indeterminate={ticked.size > 0}
        onChange={() => {
          const { sel: _sel, ...rest } = search;
          go(all ? rest : { ...rest, sel: 'all' });
        }}
      />
    ),
    cell: (asset) => (
      <Checkbox
        size="xs"
        radius="sm"
        aria-label={`choose ${asset.id}`}
        checked={all || ticked.has(asset.id)}
        disabled={all || (ticked.size >= MAX_TICKED && !ticked.has(asset.id))}
        title={all ? 'all that match are chosen' : ticked.size >= MAX_TICKED && !ticked.has(asset.id) ? `at most ${MAX_TICKED} by tick; choose all that match instead` : undefined}
        onChange={(event) => {
          const at = list.rows.findIndex((row) => row.id === asset.id);
          const from = (event.nativeEvent as MouseEvent).shiftKey && last.current !== undefined ? last.current : at;
          last.current = at;
          tick(list.rows.slice(Math.min(from, at), Math.max(from, at) + 1).map((row) => row.id), event.currentTarget.checked);
        }}
      />
    ),
  };
  if (list.error) return <Problem what="These assets cannot be listed" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading assets…" />;
  if (list.rows.length === 0) {
    return (
      <Card>
        {filtered ? (
          <Empty title="No asset matches">
            Other words or another selector may; <UnstyledButton c="cyan" onClick={() => go({})} style={{ fontSize: 'inherit', textDecoration: 'underline' }}>show all assets</UnstyledButton>.
          </Empty>
        ) : (
          <Empty title="There is no asset yet" command="muster import assets fleet.csv">Import a list, or create one with muster create asset.</Empty>
        )}
      </Card>
    );
  }
  // Labels that nobody asked for give way first.
  const fitting = columnsOf(columns, { latest: latest.values, metrics }).map((column) => (columns === USUAL && column.key === 'labels' ? { ...column, roomy: true } : column));
  const titled = fitting.map((column) => (column.key === 'id' || column.key === 'created' ? { ...column, title: <Sorted by={column.key} title={String(column.title)} search={search} go={go} /> } : column));
  return (
    <>
      {latest.error && <Problem what="What they measured last cannot be shown" error={latest.error} />}
      <DataTable
        label="assets"
        columns={[ticks, ...titled]}
        rows={list.rows}
        rowKey={(asset) => asset.id}
        onOpen={(asset) => void navigate({ to: '/assets/$id', params: { id: asset.id } })}
        more={() => void list.fetchNextPage()}
        hasMore={list.hasNextPage}
        busy={list.isFetchingNextPage}
        {...(measured.length > 0 && { onView: setView })}
      />
    </>
  );
}

/** A column's title that says and changes the order; only where an index serves it. */
function Sorted({ by, title, search, go }: { by: 'id' | 'created'; title: string; search: Search; go: (next: Search) => void }) {
  const sort = search.sort ?? 'id';
  const mine = sort === by || sort === `-${by}`;
  const falling = sort.startsWith('-');
  const Icon = falling ? IconArrowDown : IconArrowUp;
  const next = !mine ? (by === 'created' ? '-created' : 'id') : falling ? by : `-${by}`;
  return (
    <ActionIcon
      variant="transparent"
      color="gray"
      size="sm"
      w="auto"
      aria-label={`${title}, ${mine ? (falling ? 'falling' : 'rising') : 'not the order'}; change the order`}
      onClick={() => {
        const { sort: _sort, ...rest } = search;
        go(next === 'id' ? rest : { ...rest, sort: next });
      }}
    >
      <Text span fz="xs" fw={600} c="dimmed">{title}</Text>
      {mine && <Icon size={13} aria-hidden />}
    </ActionIcon>
  );
}
