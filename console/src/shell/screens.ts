import { IconAdjustments, IconBell, IconBellCog, IconBomb, IconBook2, IconCalendarTime, IconCategory2, IconCertificate, IconChecklist, IconCpu, IconFlame, IconGauge, IconHeadset, IconHeartbeat, IconHistory, IconKey, IconLayoutDashboard, IconMap2, IconPackage, IconPresentationAnalytics, IconRocket, IconScale, IconTerminal2, IconUserShield } from '@tabler/icons-react';
import type { ComponentType } from 'react';

export type Screen = { to: string; title: string; icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }> };

/** The screens of the menu, by what people come for. */
export const SCREENS: { title: string; screens: Screen[] }[] = [
  {
    title: 'Fleet',
    screens: [
      { to: '/', title: 'Overview', icon: IconLayoutDashboard },
      { to: '/executive', title: 'Executive', icon: IconPresentationAnalytics },
      { to: '/assets', title: 'Assets', icon: IconCpu },
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
      { to: '/alert-rules', title: 'Rules and routing', icon: IconBellCog },
      { to: '/schedules', title: 'Schedules', icon: IconCalendarTime },
      { to: '/gamedays', title: 'Game days', icon: IconBomb },
      { to: '/slos', title: 'Objectives', icon: IconGauge },
    ],
  },
  {
    title: 'Change',
    screens: [
      { to: '/rollouts', title: 'Rollouts', icon: IconRocket },
      { to: '/configurations', title: 'Configurations', icon: IconAdjustments },
      { to: '/releases', title: 'Releases', icon: IconPackage },
    ],
  },
  {
    title: 'Trust',
    screens: [
      { to: '/health', title: 'System health', icon: IconHeartbeat },
      { to: '/readiness', title: 'Readiness', icon: IconChecklist },
      { to: '/certificates', title: 'Certificates', icon: IconCertificate },
      { to: '/claim-tokens', title: 'Enrolment', icon: IconKey },
      { to: '/access', title: 'Access', icon: IconUserShield },
      { to: '/audit', title: 'Audit', icon: IconHistory },
    ],
  },
];
