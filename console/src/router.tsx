import { Anchor } from '@mantine/core';
import { Link, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { Empty, Problem } from './ui/feedback';
import type { Draft } from './pages/rollouts/new/draft';
import { Shell } from './shell/Shell';
import { ask as whatIsSeenOfAsset } from './pages/asset/asked';
import { ask as whatOnCallSees } from './pages/oncall/asked';
import { validSearch } from './pages/assets/search';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty title="There is no such screen">
      The address may be of an older version. <Anchor component={Link} to="/">Go to the overview</Anchor>
    </Empty>
  ),
  errorComponent: ({ error, reset }) => <Problem what="This screen broke" error={error} retry={reset} />,
});

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Search parameters that are texts; everything a screen shows can be linked to. */
function texts<K extends string>(...keys: K[]) {
  return (search: Record<string, unknown>): { [P in K]?: string } => {
    const kept: { [P in K]?: string } = {};
    for (const key of keys) {
      const value = text(search[key]);
      if (value !== undefined) kept[key] = value;
    }
    return kept;
  };
}

// What a screen shows first is asked for when it is gone to, while its code comes: not when a link to it is pointed at, nor when it changes.
const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('./pages/overview/Overview')) }),
  createRoute({ getParentRoute: () => root, path: '/executive', validateSearch: texts('range'), component: lazyRouteComponent(() => import('./pages/executive/Executive')) }),
  createRoute({ getParentRoute: () => root, path: '/on-call', validateSearch: texts('range', 'at'), shouldReload: false, loader: ({ preload }) => (preload ? undefined : whatOnCallSees()), component: lazyRouteComponent(() => import('./pages/oncall/OnCall')) }),
  createRoute({ getParentRoute: () => root, path: '/health', component: lazyRouteComponent(() => import('./pages/health/Health')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/assets',
    validateSearch: validSearch,
    component: lazyRouteComponent(() => import('./pages/assets/Assets')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/map',
    beforeLoad: () => {
      throw redirect({ to: '/assets', search: { view: 'map' }, replace: true });
    },
  }),
  createRoute({ getParentRoute: () => root, path: '/import/assets', component: lazyRouteComponent(() => import('./pages/assets/import/Import')) }),
  createRoute({ getParentRoute: () => root, path: '/types', component: lazyRouteComponent(() => import('./pages/types/Types')) }),
  createRoute({ getParentRoute: () => root, path: '/types/$name', validateSearch: texts('tab'), component: lazyRouteComponent(() => import('./pages/types/TypePage')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/assets/$id',
    validateSearch: texts('tab', 'range', 'metrics', 'command', 'from', 'to', 'at', 'hide', 'severity', 'contains', 'attribute', 'tail', 'band'),
    shouldReload: false,
    loader: ({ params, location, preload }) => (preload ? undefined : whatIsSeenOfAsset(params.id, location.search)),
    component: lazyRouteComponent(() => import('./pages/asset/AssetPage')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/commands',
    validateSearch: texts('view', 'status', 'name', 'run', 'command'),
    component: lazyRouteComponent(() => import('./pages/commands/Commands')),
  }),
  createRoute({ getParentRoute: () => root, path: '/commands/runs/$id', component: lazyRouteComponent(() => import('./pages/commands/RunPage')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/drift',
    validateSearch: texts('state', 'selector'),
    component: lazyRouteComponent(() => import('./pages/drift/Drift')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerts',
    validateSearch: texts('state', 'severity', 'asset', 'source'),
    component: lazyRouteComponent(() => import('./pages/alerts/Alerts')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/alerts/$fingerprint',
    validateSearch: texts('tab', 'person'),
    component: lazyRouteComponent(() => import('./pages/alerts/AlertPage')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/incidents',
    validateSearch: texts('show'),
    component: lazyRouteComponent(() => import('./pages/incidents/Incidents')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/incidents/$number',
    validateSearch: texts('tab'),
    component: lazyRouteComponent(() => import('./pages/incidents/IncidentPage')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/slos',
    validateSearch: texts('state', 'slo', 'window', 'spent'),
    component: lazyRouteComponent(() => import('./pages/slos/Slos')),
  }),
  createRoute({ getParentRoute: () => root, path: '/alert-rules', validateSearch: texts('q'), component: lazyRouteComponent(() => import('./pages/alerting/Rules')) }),
  createRoute({ getParentRoute: () => root, path: '/new/alert-rule', validateSearch: texts('since'), component: lazyRouteComponent(() => import('./pages/alerting/NewRulePage')) }),
  createRoute({ getParentRoute: () => root, path: '/alert-rules/$name', validateSearch: texts('tab', 'since'), component: lazyRouteComponent(() => import('./pages/alerting/RulePage')) }),
  createRoute({ getParentRoute: () => root, path: '/silences', validateSearch: texts('state', 'matchers'), component: lazyRouteComponent(() => import('./pages/alerting/Silences')) }),
  createRoute({ getParentRoute: () => root, path: '/routing', validateSearch: texts('labels'), component: lazyRouteComponent(() => import('./pages/alerting/Routing')) }),
  createRoute({ getParentRoute: () => root, path: '/schedules', validateSearch: texts('week'), component: lazyRouteComponent(() => import('./pages/alerting/Schedules')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/runbooks',
    validateSearch: texts('view', 'state', 'incident'),
    component: lazyRouteComponent(() => import('./pages/runbooks/Runbooks')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/runbooks/$name',
    validateSearch: texts('tab', 'labels', 'parameters', 'selector'),
    component: lazyRouteComponent(() => import('./pages/runbooks/RunbookPage')),
  }),
  createRoute({ getParentRoute: () => root, path: '/gamedays', validateSearch: texts('day', 'start'), component: lazyRouteComponent(() => import('./pages/gamedays/GameDays')) }),
  createRoute({ getParentRoute: () => root, path: '/runbooks/runs/$id', component: lazyRouteComponent(() => import('./pages/runbooks/RunPage')) }),
  createRoute({ getParentRoute: () => root, path: '/configurations', component: lazyRouteComponent(() => import('./pages/configurations/Configurations')) }),
  createRoute({ getParentRoute: () => root, path: '/new/configuration', component: lazyRouteComponent(() => import('./pages/configurations/NewConfiguration')) }),
  createRoute({ getParentRoute: () => root, path: '/configurations/$name', validateSearch: texts('edit'), component: lazyRouteComponent(() => import('./pages/configurations/ConfigurationPage')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/rollouts',
    validateSearch: texts('show'),
    component: lazyRouteComponent(() => import('./pages/rollouts/Rollouts')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/new/rollout',
    validateSearch: (search: Record<string, unknown>): { step?: string; from?: string; release?: string; configuration?: string; selector?: string; draft?: Draft } => {
      const { name, spec } = (search.draft ?? {}) as { name?: unknown; spec?: unknown };
      return {
        ...texts('step', 'from', 'release', 'configuration', 'selector')(search),
        ...(typeof name === 'string' && spec !== null && typeof spec === 'object' ? { draft: { name, spec } } : {}),
      };
    },
    component: lazyRouteComponent(() => import('./pages/rollouts/new/NewRollout')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/rollouts/$name',
    validateSearch: texts('tab', 'stage', 'reason', 'wave', 'asset'),
    component: lazyRouteComponent(() => import('./pages/rollouts/RolloutPage')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/releases',
    validateSearch: texts('component', 'status'),
    component: lazyRouteComponent(() => import('./pages/releases/Releases')),
  }),
  createRoute({ getParentRoute: () => root, path: '/releases/$name', validateSearch: texts('tab', 'part', 'licence'), component: lazyRouteComponent(() => import('./pages/releases/ReleasePage')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/certificates',
    validateSearch: texts('state', 'from', 'to', 'asset'),
    component: lazyRouteComponent(() => import('./pages/certificates/Certificates')),
  }),
  createRoute({ getParentRoute: () => root, path: '/access', validateSearch: texts('tab', 'kind', 'revoked'), component: lazyRouteComponent(() => import('./pages/access/Access')) }),
  createRoute({ getParentRoute: () => root, path: '/readiness', component: lazyRouteComponent(() => import('./pages/readiness/Readiness')) }),
  createRoute({ getParentRoute: () => root, path: '/claim-tokens', component: lazyRouteComponent(() => import('./pages/claimtokens/ClaimTokens')) }),
  createRoute({
    getParentRoute: () => root,
    path: '/audit',
    validateSearch: texts('actor', 'object', 'action', 'from', 'to', 'entry'),
    component: lazyRouteComponent(() => import('./pages/audit/Audit')),
  }),
];

export const router = createRouter({ routeTree: root.addChildren(routes), basepath: '/console', defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
