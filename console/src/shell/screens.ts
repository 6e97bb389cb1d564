import { IconAdjustments, IconBell, IconBellCog, IconBomb, IconBook2, IconCalendarTime, IconCategory2, IconCertificate, IconChecklist, IconCpu, IconFlame, IconGauge, IconHeadset, IconHeartbeat, IconHistory, IconKey, IconLayoutDashboard, IconMap2, IconPackage, IconPresentationAnalytics, IconRocket, IconScale, IconTerminal2, IconUserShield } from '@tabler/icons-react';
import type { ComponentType } from 'react';

export type Screen = {
  to: string;
  title: string;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  /** Other addresses that belong to it; those of two parts make something for it. */
  also?: string[];
};

/** The screens of the menu, by what people come for. */
export const SCREENS: { title: string; screens: Screen[] }[] = [
  {
    title: 'Fleet',
    screens: [
      { to: '/', title: 'Overview', icon: IconLayoutDashboard },
      { to: '/executive', title: 'Executive', icon: IconPresentationAnalytics },
      { to: '/assets', title: 'Assets', icon: IconCpu, also: ['/import/assets'] },
      { to: '/map', title: 'Map', icon: IconMap2 },
      { to: '/types', title: 'Asset types', icon: IconCategory2 },
      { to: '/drift', title: 'Drift', icon: IconScale },
      { to: '/commands', title: 'Commands', icon: IconTerminal2 },
    ],
  },
  {
    title: 'On call',
    screens: [
      { to: '/on-call', title: 'On call', icon: IconHeadset },
      { to: '/alerts', title: 'Alerts', icon: IconBell },
      { to: '/incidents', title: 'Incidents', icon: IconFlame },
      { to: '/runbooks', title: 'Runbooks', icon: IconBook2 },
      { to: '/slos', title: 'Objectives', icon: IconGauge },
      { to: '/alert-rules', title: 'Rules and routing', icon: IconBellCog, also: ['/new/alert-rule', '/silences', '/routing'] },
      { to: '/schedules', title: 'Schedules', icon: IconCalendarTime },
      { to: '/gamedays', title: 'Game days', icon: IconBomb },
    ],
  },
  {
    title: 'Change',
    screens: [
      { to: '/rollouts', title: 'Rollouts', icon: IconRocket, also: ['/new/rollout'] },
      { to: '/configurations', title: 'Configurations', icon: IconAdjustments, also: ['/new/configuration'] },
      { to: '/releases', title: 'Releases', icon: IconPackage },
    ],
  },
  {
    title: 'Trust',
    screens: [
      { to: '/claim-tokens', title: 'Enrolment', icon: IconKey },
      { to: '/certificates', title: 'Certificates', icon: IconCertificate },
      { to: '/access', title: 'Access', icon: IconUserShield },
      { to: '/audit', title: 'Audit', icon: IconHistory },
    ],
  },
  {
    title: 'Server',
    screens: [
      { to: '/health', title: 'System health', icon: IconHeartbeat },
      { to: '/readiness', title: 'Readiness', icon: IconChecklist },
    ],
  },
];

const ALL = SCREENS.flatMap(({ screens }) => screens);

/** The entry of the menu that an address belongs to; a map is asked for as a view of the assets. */
export function entryOf(path: string, view?: string): string | undefined {
  if (path === '/assets' && view === 'map') return '/map';
  const within = (to: string) => path === to || path.startsWith(`${to}/`);
  return ALL.find(({ to, also = [] }) => [to, ...also].some((each) => (each === '/' ? path === '/' : within(each))))?.to;
}

/**
 * The list that the object of an address stands in, or that something new is made for; none for a list itself. What is made has an address
 * of its own: an object may be called `new`.
 */
export function above(path: string): Screen | undefined {
  return ALL.find(({ to, also = [] }) => (to !== '/' && path.startsWith(`${to}/`)) || also.some((each) => each.slice(1).includes('/') && each === path));
}
