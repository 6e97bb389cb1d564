import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBell, IconBellOff, IconBook2, IconBookmark, IconClockHour4, IconCpu, IconFlame, IconKeyboard, IconLogout, IconMoon, IconPackage, IconPlayerPlay, IconRocket, IconSun, IconTerminal2, IconWorldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { api, data, type Schemas } from '../api/client';
import { searchOf } from '../pages/assets/views';
import { CLOCKS, showClock, useClock } from '../ui/zone';
import { best, type Findable } from './find';
import { SCREENS } from './screens';
import { leave, useMay } from './Session';

export type Entry = Findable & {
  key: string;
  note?: string | undefined;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  /** Why it cannot be done by who is logged in. */
  lacks?: string | undefined;
  act: () => void;
};
export type Section = { title: string; entries: Entry[] };

/** What an action is for: the palette asks for it, then the action goes on. */
export type Wants = 'asset' | 'alert' | 'runbook';
/** What was chosen for an action. */
export type Chosen = { of: 'asset'; asset: Schemas['AssetView'] } | { of: 'alert'; alert: Schemas['Alert'] } | { of: 'runbook'; name: string };

/** Screens that the console may have. */
const NEW_ROLLOUT: string = '/new/rollout';

const MOST = 6;
/** Lists that the server cannot search: their newest, searched here. */
const NEWEST = 200;
const FRESH_MS = 15_000;

/** Everything that the palette can find, by section. */
export function useSections(words: string, wants: Wants | undefined, does: { shortcuts: () => void; want: (wants: Wants) => void; choose: (chosen: Chosen) => void }): { sections: Section[]; asking: boolean } {
  const [asked] = useDebouncedValue(words, 120);
  const objects = useObjects(asked, wants, does.choose);
  const actions = useActions(does);
  const screens = useScreens();
  const navigate = useNavigate();
  const found: Section[] = wants === undefined
    ? [
        { title: 'Actions', entries: words === '' ? actions : best(actions, words, MOST) },
        { title: 'Screens', entries: words === '' ? screens : best(screens, words, MOST) },
        ...objects.sections,
        ...(words === '' ? [] : [{ title: 'Search', entries: [{ key: 'search', title: `Assets with “${words}”`, icon: IconWorldSearch, act: () => void navigate({ to: '/assets', search: { q: words } }) }] }]),
      ]
    : objects.sections;
  return { sections: found.filter(({ entries }) => entries.length > 0), asking: objects.asking || asked !== words };
}

function useScreens(): Entry[] {
  const navigate = useNavigate();
  return SCREENS.flatMap((group) => group.screens.map((screen) => ({ key: screen.to, title: screen.title, words: group.title, icon: screen.icon, act: () => void navigate({ to: screen.to }) })));
}

function useActions({ shortcuts, want }: { shortcuts: () => void; want: (wants: Wants) => void }): Entry[] {
  const navigate = useNavigate();
  const { routesByPath } = useRouter();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const clock = useClock();
  const command = useMay('command');
  const alerting = useMay('alerting');
  const rollout = useMay('rollout');
  const runbook = useMay('runbook');
  const nextClock = CLOCKS[(CLOCKS.indexOf(clock) + 1) % CLOCKS.length] ?? 'browser';
  const has = (path: string) => Object.hasOwn(routesByPath, path);
  return [
    { key: 'run', title: 'Run a command on…', words: 'execute do', icon: IconTerminal2, lacks: command, act: () => want('asset') },
    { key: 'silence', title: 'Silence an alert…', words: 'mute quiet', icon: IconBellOff, lacks: alerting, act: () => want('alert') },
    ...(has(NEW_ROLLOUT) ? [{ key: 'rollout', title: 'New rollout', words: 'deploy release update create', icon: IconRocket, lacks: rollout, act: () => void navigate({ to: NEW_ROLLOUT }) }] : []),
    ...(has('/runbooks/$name') ? [{ key: 'runbook', title: 'Start a runbook…', words: 'execute', icon: IconPlayerPlay, lacks: runbook, act: () => want('runbook') }] : []),
    { key: 'scheme', title: dark ? 'Light colours' : 'Dark colours', words: 'theme', icon: dark ? IconSun : IconMoon, act: () => setColorScheme(dark ? 'light' : 'dark') },
    { key: 'clock', title: { browser: 'Moments by this browser’s clock', UTC: 'Moments in UTC', asset: 'Moments by the asset’s own clock' }[nextClock], words: 'time zone', icon: IconClockHour4, act: () => showClock(nextClock) },
    { key: 'shortcuts', title: 'Keyboard shortcuts', note: '?', icon: IconKeyboard, act: shortcuts },
    { key: 'leave', title: 'Log out', icon: IconLogout, act: () => void leave(false) },
    { key: 'leave everywhere', title: 'Log out everywhere', icon: IconLogout, act: () => void leave(true) },
  ];
}

/** Assets by the server's search; of shorter lists the newest, once for as long as the palette is open. */
function useObjects(asked: string, wants: Wants | undefined, choose: (chosen: Chosen) => void): { sections: Section[]; asking: boolean } {
  const navigate = useNavigate();
  const { routesByPath } = useRouter();
  const lacksAlerts = useMay('alert', 'read');
  const goes = wants === undefined && asked !== '';
  const assets = useQuery({
    queryKey: ['assets', 'palette', asked],
    enabled: wants === 'asset' || goes,
    queryFn: () => data(api.GET('/api/v1/assets', { params: { query: { ...(asked !== '' && { q: asked }), limit: MOST + 2 } } })),
    staleTime: FRESH_MS,
    placeholderData: (before) => before,
  });
  const alerts = useQuery({
    queryKey: ['alerts', 'palette'],
    enabled: lacksAlerts === undefined && (wants === 'alert' || goes),
    queryFn: () => data(api.GET('/api/v1/alerts', { params: { query: { state: 'firing', limit: NEWEST } } })),
    staleTime: FRESH_MS,
  });
  const incidents = useQuery({
    queryKey: ['incidents', 'palette'],
    enabled: goes,
    queryFn: () => data(api.GET('/api/v1/incidents', { params: { query: { limit: NEWEST } } })),
    staleTime: FRESH_MS,
  });
  const rollouts = useQuery({
    queryKey: ['rollouts', 'palette'],
    enabled: goes,
    queryFn: () => data(api.GET('/api/v1/rollouts', { params: { query: { limit: NEWEST } } })),
    staleTime: FRESH_MS,
  });
  const releases = useQuery({
    queryKey: ['releases', 'palette'],
    enabled: goes,
    queryFn: () => data(api.GET('/api/v1/releases', { params: { query: { limit: NEWEST } } })),
    staleTime: FRESH_MS,
  });
  const runbooks = useQuery({
    queryKey: ['runbooks', 'palette'],
    enabled: wants === 'runbook' || (goes && Object.hasOwn(routesByPath, '/runbooks/$name')),
    queryFn: () => data(api.GET('/api/v1/runbooks', { params: { query: { limit: NEWEST } } })),
    staleTime: FRESH_MS,
  });
  const views = useQuery({
    queryKey: ['asset-views'],
    enabled: goes,
    queryFn: async () => (await data(api.GET('/api/v1/asset-views'))).items,
    staleTime: FRESH_MS,
  });
  const go = (to: string, params: Record<string, string>) => void navigate({ to, params });
  const sections: Section[] = [
    {
      title: 'Assets',
      entries: (assets.data?.items ?? []).map((asset) => ({
        key: `asset ${asset.id}`,
        title: asset.id,
        note: `${asset.type}, ${asset.presence.replace('_', ' ')}`,
        icon: IconCpu,
        act: () => (wants === 'asset' ? choose({ of: 'asset', asset }) : go('/assets/$id', { id: asset.id })),
      })),
    },
    {
      title: 'Views of assets',
      entries: best(
        (views.data ?? []).map((view) => ({
          key: `view ${view.id}`,
          title: view.name,
          words: `view ${view.owner} ${view.selector ?? ''} ${view.q ?? ''} ${view.facets.join(' ')}`,
          note: [view.q, view.selector, ...view.facets].filter(Boolean).join(' · '),
          icon: IconBookmark,
          act: () => void navigate({ to: '/assets', search: searchOf(view) }),
        })),
        asked,
        MOST,
      ),
    },
    {
      title: 'Firing alerts',
      entries: best(
        (alerts.data?.items ?? []).map((alert) => ({
          key: `alert ${alert.fingerprint}`,
          title: alert.name,
          words: `${alert.severity} ${alert.summary} ${Object.values(alert.labels).join(' ')} alert`,
          note: alert.summary,
          icon: IconBell,
          act: () => (wants === 'alert' ? choose({ of: 'alert', alert }) : go('/alerts/$fingerprint', { fingerprint: alert.fingerprint })),
        })),
        asked,
        wants === undefined ? MOST : NEWEST,
      ),
    },
    {
      title: 'Incidents',
      entries: best(
        (incidents.data?.items ?? []).map((incident) => ({
          key: `incident ${incident.number}`,
          title: incident.name,
          words: `${incident.title} ${incident.number} ${incident.state} ${incident.severity} incident`,
          note: incident.title,
          icon: IconFlame,
          act: () => go('/incidents/$number', { number: String(incident.number) }),
        })),
        asked,
        MOST,
      ),
    },
    {
      title: 'Rollouts',
      entries: best(
        (rollouts.data?.items ?? []).map(({ metadata, status }) => {
          const state = String((status as { state?: string } | undefined)?.state ?? 'rollout').replaceAll('_', ' ');
          return { key: `rollout ${metadata.name}`, title: metadata.name, words: `${state} rollout`, note: state, icon: IconRocket, act: () => go('/rollouts/$name', { name: metadata.name }) };
        }),
        asked,
        MOST,
      ),
    },
    {
      title: 'Releases',
      entries: best(
        (releases.data?.items ?? []).map((release) => ({ key: `release ${release.name}`, title: release.name, words: `${release.status} release`, note: release.status, icon: IconPackage, act: () => go('/releases/$name', { name: release.name }) })),
        asked,
        MOST,
      ),
    },
    {
      title: 'Runbooks',
      entries: best(
        (runbooks.data?.items ?? []).map(({ metadata }) => ({
          key: `runbook ${metadata.name}`,
          title: metadata.name,
          words: 'runbook',
          icon: IconBook2,
          act: () => go('/runbooks/$name', { name: metadata.name }),
        })),
        asked,
        wants === undefined ? MOST : NEWEST,
      ),
    },
  ];
  const wanted = { asset: 'Assets', alert: 'Firing alerts', runbook: 'Runbooks' };
  return {
    sections: wants === undefined ? (goes ? sections : []) : sections.filter(({ title }) => title === wanted[wants]),
    asking: [assets, views, alerts, incidents, rollouts, releases, runbooks].some((query) => query.isLoading),
  };
}
