import 'maplibre-gl/dist/maplibre-gl.css';
import { ActionIcon, Button, Card, Group, SegmentedControl, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { IconRoute, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FeatureCollection } from 'geojson';
import { Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import worldUrl from 'world-atlas/countries-50m.json?url';
import { api, data, raw, type Schemas } from '../../api/client';
import { Empty, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Ago, absolute, minutesAgo } from '../../ui/time';
import { many } from '../../ui/words';
import { PIXEL_RATIO, STATES, colorOf, drawRing, drawSpot, ringKey } from './marks';
import type { Search } from './search';
import classes from './search.module.css';
import { MOST_FIXES, RANGES, pieces, track } from './track';

setWorkerUrl(workerUrl);

type Places = Schemas['PlacesView'];
type View = { west: number; south: number; east: number; north: number; zoom: number };
type Shown = { asset: string } | { assets: string[]; count: number };

const WHOLE: View = { west: -180, south: -90, east: 180, north: 90, zoom: 1 };
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };
const MAX_IMAGES = 800;

type Props = { search: Search; selector: string | undefined; valid: boolean; onChange: (part: Search) => void };

/** Where the assets are. What would overlap is one ring with a number; the server puts it together. */
export default function MapView({ search, selector, valid, onChange }: Props) {
  const dark = useComputedColorScheme('light') === 'dark';
  const host = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre>();
  const [view, setView] = useState<View>();
  const [shown, setShown] = useState<Shown>();
  const [broken, setBroken] = useState<string>();
  const change = useRef(onChange);
  change.current = onChange;
  const begun = useRef(search.at);
  const world = useQuery({ queryKey: ['world'], staleTime: Infinity, gcTime: Infinity, queryFn: readWorld });
  const asked = new URLSearchParams({
    ...(search.q && { q: search.q }),
    ...(selector && { selector }),
    ...Object.fromEntries(Object.entries(view ?? WHOLE).map(([name, value]) => [name, String(value)])),
  }).toString();
  const places = useQuery({
    queryKey: ['asset-places', asked],
    enabled: valid,
    queryFn: async () => (await (await raw('GET', `/api/v1/asset-places?${asked}`)).json()) as Places,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

  useEffect(() => {
    if (host.current === null) return;
    const start = readAt(begun.current);
    let made: MapLibre;
    try {
      made = new MapLibre({
        container: host.current,
        style: styleOf(dark),
        center: start ? [start.lon, start.lat] : [10, 30],
        zoom: start?.zoom ?? 1.2,
        maxZoom: 18,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        renderWorldCopies: true,
      });
    } catch (error) {
      setBroken(error instanceof Error ? error.message : String(error));
      return;
    }
    made.touchZoomRotate.disableRotation();
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    made.addControl(new ScaleControl(), 'bottom-left');
    made.on('load', () => {
      for (const state of STATES) made.addImage(`spot ${state}`, drawSpot(state, { dark }), { pixelRatio: PIXEL_RATIO });
      setMap(made);
      setView(viewOf(made));
    });
    made.on('moveend', () => {
      const center = made.getCenter().wrap();
      const at = `${center.lat.toFixed(4)},${center.lng.toFixed(4)},${made.getZoom().toFixed(2)}`;
      begun.current = at;
      setView(viewOf(made));
      change.current({ at });
    });
    made.on('click', 'spots', (event) => setShown({ asset: String(event.features?.[0]?.properties.asset) }));
    made.on('click', 'rings', (event) => {
      const ring = event.features?.[0]?.properties;
      if (ring === undefined) return;
      const [west, south, east, north] = JSON.parse(String(ring.box)) as [number, number, number, number];
      if (made.getZoom() >= 16 || (east - west < 1e-5 && north - south < 1e-5)) setShown({ assets: JSON.parse(String(ring.some)) as string[], count: Number(ring.assets) });
      else made.fitBounds([west, south, east, north], { padding: 70, maxZoom: Math.max(made.getZoom() + 1, 17) });
    });
    for (const layer of ['spots', 'rings']) {
      made.on('mouseenter', layer, () => { made.getCanvas().style.cursor = 'pointer'; });
      made.on('mouseleave', layer, () => { made.getCanvas().style.cursor = ''; });
    }
    return () => {
      setMap(undefined);
      made.remove();
    };
  }, [dark]);

  useEffect(() => {
    if (map && world.data) source(map, 'world')?.setData(world.data);
  }, [map, world.data]);

  const found = places.data;
  useEffect(() => {
    if (!map || !found) return;
    if (map.listImages().length > MAX_IMAGES) map.listImages().filter((id) => id.startsWith('ring ')).forEach((id) => map.removeImage(id));
    for (const cluster of found.clusters) {
      const key = ringKey(cluster.assets, cluster.presence);
      if (!map.hasImage(key)) map.addImage(key, drawRing(cluster.assets, cluster.presence, { dark }), { pixelRatio: PIXEL_RATIO });
    }
    source(map, 'places')?.setData({
      type: 'FeatureCollection',
      features: [
        ...found.clusters.map((cluster) => ({
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates: [cluster.lon, cluster.lat] },
          properties: { image: ringKey(cluster.assets, cluster.presence), assets: cluster.assets, box: JSON.stringify([cluster.west, cluster.south, cluster.east, cluster.north]), some: JSON.stringify(cluster.some) },
        })),
        ...found.spots.map((spot) => ({
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates: [spot.lon, spot.lat] },
          properties: { image: `spot ${STATES.includes(spot.presence) ? spot.presence : 'never_seen'}`, asset: spot.asset },
        })),
      ],
    });
  }, [map, found, dark]);

  // The first look is at where they are, unless the address says where to look.
  useEffect(() => {
    if (!map || begun.current !== undefined || found?.west === undefined || found.west === null) return;
    map.fitBounds([found.west, found.south ?? 0, found.east ?? 0, found.north ?? 0], { padding: 60, maxZoom: 13, duration: 0 });
  }, [map, found]);

  const range = RANGES[search.range ?? ''] ? (search.range ?? '24h') : '24h';
  const way = useQuery({
    queryKey: ['track', search.track, range],
    enabled: search.track !== undefined,
    queryFn: () => track(search.track ?? '', minutesAgo(RANGES[range]?.minutes ?? 60)),
    refetchInterval: 30_000,
  });
  useEffect(() => {
    if (!map) return;
    const fixes = search.track === undefined ? [] : (way.data ?? []);
    const ends = fixes.length === 0 ? [] : [{ fix: fixes[0], end: 'begin' }, { fix: fixes.at(-1), end: 'end' }];
    source(map, 'track')?.setData({
      type: 'FeatureCollection',
      features: [
        ...pieces(fixes).filter((piece) => piece.length > 1).map((piece) => ({ type: 'Feature' as const, geometry: { type: 'LineString' as const, coordinates: piece.map(({ lat, lon }) => [lon, lat]) }, properties: {} })),
        ...ends.map(({ fix, end }) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [fix?.lon ?? 0, fix?.lat ?? 0] }, properties: { end } })),
      ],
    });
  }, [map, way.data, search.track]);
  const fitted = useRef<string | undefined>(undefined);
  useEffect(() => {
    const wanted = search.track === undefined ? undefined : `${search.track} ${range}`;
    if (!map || !way.data?.length || fitted.current === wanted) return;
    fitted.current = wanted;
    const lons = way.data.map(({ lon }) => lon);
    const lats = way.data.map(({ lat }) => lat);
    map.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding: 80, maxZoom: 15 });
  }, [map, way.data, search.track, range]);

  if (broken !== undefined) return <Card><Empty title="This browser cannot draw the map">It needs WebGL 2 ({broken}). The list shows the same assets.</Empty></Card>;
  return (
    <Stack gap="xs">
      {places.error && <Problem what="The positions cannot be told" error={places.error} retry={() => void places.refetch()} />}
      {world.error && <Problem what="The coasts cannot be drawn" error={world.error} retry={() => void world.refetch()} />}
      <div style={{ position: 'relative' }}>
        <div ref={host} className={classes.map} role="region" aria-label="map of the assets; arrow keys move it, + and - change how close it is" />
        {search.track !== undefined ? (
          <Card className={classes.panel ?? ''} padding="sm" shadow="md">
            <Group justify="space-between" wrap="nowrap" mb={6}>
              <Text size="sm" fw={650} truncate>Way of <LinkText to="/assets/$id" params={{ id: search.track }} size="sm">{search.track}</LinkText></Text>
              <ActionIcon variant="subtle" color="gray" aria-label="no way" onClick={() => onChange({ track: '', range: '' })}><IconX size={16} /></ActionIcon>
            </Group>
            <SegmentedControl size="xs" fullWidth data={Object.entries(RANGES).map(([value, { title }]) => ({ value, label: title.replace('last ', '') }))} value={range} onChange={(next) => onChange({ range: next })} aria-label="of which time" />
            {way.error ? (
              <Problem what="The way cannot be told" error={way.error} />
            ) : (
              <Text size="xs" c="dimmed" mt={6} role="status">
                {way.data === undefined ? 'asking…' : way.data.length === 0 ? 'It told no position in that time.' : `${way.data.length >= MOST_FIXES ? 'the newest ' : ''}${many(way.data.length, 'position')}, ${absolute(way.data[0]?.ts ?? 0)} to ${absolute(way.data.at(-1)?.ts ?? 0)}`}
              </Text>
            )}
          </Card>
        ) : (
          shown !== undefined && <ShownCard shown={shown} onClose={() => setShown(undefined)} onTrack={(asset) => onChange({ track: asset })} />
        )}
        {found && <Legend found={found} dark={dark} />}
      </div>
      {found && (
        <Text size="xs" c="dimmed" role="status">
          {found.inView.toLocaleString()} in view, {found.located.toLocaleString()} of {found.assets.toLocaleString()} have told where they are lately.
          {found.located === 0 && ' Assets tell positions by the topic position; see docs/protocol.md.'}
        </Text>
      )}
    </Stack>
  );
}

function ShownCard({ shown, onClose, onTrack }: { shown: Shown; onClose: () => void; onTrack: (asset: string) => void }) {
  return (
    <Card className={classes.panel ?? ''} padding="sm" shadow="md" role="dialog" aria-label="what was chosen on the map">
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <Text size="sm" fw={650} truncate>{'asset' in shown ? shown.asset : `${shown.count.toLocaleString()} in one place`}</Text>
        <ActionIcon variant="subtle" color="gray" aria-label="close" onClick={onClose}><IconX size={16} /></ActionIcon>
      </Group>
      {'asset' in shown ? (
        <OneShown id={shown.asset} onTrack={() => onTrack(shown.asset)} />
      ) : (
        <Stack gap={2}>
          {shown.assets.map((id) => <LinkText key={id} to="/assets/$id" params={{ id }} size="sm">{id}</LinkText>)}
          {shown.count > shown.assets.length && <Text size="xs" c="dimmed">and {(shown.count - shown.assets.length).toLocaleString()} more</Text>}
        </Stack>
      )}
    </Card>
  );
}

function OneShown({ id, onTrack }: { id: string; onTrack: () => void }) {
  const answer = useQuery({ queryKey: ['assets', id], queryFn: () => data(api.GET('/api/v1/assets/{id}', { params: { path: { id } } })) });
  return (
    <Stack gap="xs">
      {answer.error && <Problem what="It cannot be shown" error={answer.error} />}
      {answer.data && (
        <>
          <Group gap={6}><State value={answer.data.presence} /><Text size="xs" c="dimmed">heard of <Ago at={answer.data.lastSeen} /></Text></Group>
          <Text size="sm">{[answer.data.type, answer.data.site, answer.data.region].filter(Boolean).join(' · ')}</Text>
        </>
      )}
      <Group gap="xs">
        <Button component={Link} to="/assets/$id" params={{ id } as never} size="compact-sm">Open</Button>
        <Button size="compact-sm" variant="default" leftSection={<IconRoute size={14} aria-hidden />} onClick={onTrack}>Its way</Button>
      </Group>
    </Stack>
  );
}

const SIGNS: Record<string, string> = { online: '●', stale: '▲', offline: '■', never_seen: '○' };

function Legend({ found, dark }: { found: Places; dark: boolean }) {
  const counts = new Map(STATES.map((state) => [state, 0]));
  for (const spot of found.spots) counts.set(spot.presence, (counts.get(spot.presence) ?? 0) + 1);
  for (const cluster of found.clusters) for (const [state, count] of Object.entries(cluster.presence)) counts.set(state, (counts.get(state) ?? 0) + count);
  return (
    <Card className={classes.legend ?? ''} padding="xs" shadow="sm">
      {[...counts].filter(([, count]) => count > 0).map(([state, count]) => (
        <Group key={state} gap={6} wrap="nowrap">
          <Text span size="xs" style={{ color: colorOf(state, { dark }), width: 12 }} aria-hidden>{SIGNS[state]}</Text>
          <Text span size="xs" style={{ flex: 1 }}>{state.replace('_', ' ')}</Text>
          <Text span size="xs" c="dimmed" className="num">{count.toLocaleString()}</Text>
        </Group>
      ))}
      {found.inView === 0 && <Text size="xs" c="dimmed">none in view</Text>}
    </Card>
  );
}

async function readWorld(): Promise<FeatureCollection> {
  const answer = await fetch(worldUrl);
  if (!answer.ok) throw new Error(`the file of the coasts is not there (${answer.status}); load the page again`);
  const topology = (await answer.json()) as Topology<{ countries: GeometryCollection }>;
  return feature(topology, topology.objects.countries) as FeatureCollection;
}

function source(map: MapLibre, id: string): GeoJSONSource | undefined {
  return map.getSource(id) as GeoJSONSource | undefined;
}

function readAt(at: string | undefined): { lat: number; lon: number; zoom: number } | undefined {
  const [lat, lon, zoom] = (at ?? '').split(',').map(Number);
  return lat !== undefined && lon !== undefined && zoom !== undefined && [lat, lon, zoom].every(Number.isFinite) && Math.abs(lat) <= 85 ? { lat, lon, zoom } : undefined;
}

/** What is seen, with a margin, so that a small move shows no empty edge. */
function viewOf(map: MapLibre): View {
  const bounds = map.getBounds();
  const width = bounds.getEast() - bounds.getWest();
  const height = bounds.getNorth() - bounds.getSouth();
  const zoom = Math.max(Math.round(map.getZoom() * 2) / 2, 0);
  const south = Math.max(bounds.getSouth() - height * 0.15, -90);
  const north = Math.min(bounds.getNorth() + height * 0.15, 90);
  if (width * 1.3 >= 360) return { ...WHOLE, south, north, zoom };
  return { west: wrapped(bounds.getWest() - width * 0.15), east: wrapped(bounds.getEast() + width * 0.15), south, north, zoom };
}

function wrapped(lon: number): number {
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}

function styleOf(dark: boolean): StyleSpecification {
  const line = dark ? '#22d3ee' : '#0c8599';
  return {
    version: 8,
    sources: {
      world: { type: 'geojson', data: EMPTY, attribution: 'Natural Earth' },
      places: { type: 'geojson', data: EMPTY },
      track: { type: 'geojson', data: EMPTY },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': dark ? '#15191d' : '#dbe7ee' } },
      { id: 'land', type: 'fill', source: 'world', paint: { 'fill-color': dark ? '#24282d' : '#f7f7f4', 'fill-antialias': false } },
      { id: 'borders', type: 'line', source: 'world', paint: { 'line-color': dark ? '#454c54' : '#b9c3ca', 'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.6, 6, 1.2] } },
      { id: 'way', type: 'line', source: 'track', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': line, 'line-width': 3, 'line-opacity': 0.9 } },
      { id: 'spots', type: 'symbol', source: 'places', filter: ['has', 'asset'], layout: { 'icon-image': ['get', 'image'], 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
      { id: 'rings', type: 'symbol', source: 'places', filter: ['has', 'some'], layout: { 'icon-image': ['get', 'image'], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['get', 'assets'] } },
      { id: 'ends', type: 'circle', source: 'track', filter: ['has', 'end'], paint: { 'circle-radius': ['match', ['get', 'end'], 'end', 7, 5], 'circle-color': ['match', ['get', 'end'], 'end', line, dark ? '#15191d' : '#ffffff'], 'circle-stroke-color': line, 'circle-stroke-width': 2.5 } },
    ],
  };
}
