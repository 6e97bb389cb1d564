import { Button, Card, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { rolloutOf } from '../rollouts/rollout';
import type { Release } from './Releases';

/** Of assets that run a component, all versions or one. */
function running(component: string, version?: string): string {
  const at = `asset.software['${component}']`;
  return version === undefined ? `'${component}' in asset.software` : `${at} == '${version.replaceAll("'", "\\'")}'`;
}

function count(selector: string) {
  return {
    queryKey: ['assets', 'count', selector],
    queryFn: async () => (await data(api.GET('/api/v1/assets/count', { params: { query: { selector } } }))).count,
    staleTime: 15_000,
  };
}

/** Who runs it, by their own newest report, and which rollouts brought or bring it. */
export function Deployed({ release }: { release: Release }) {
  const selector = running(release.component, release.version);
  const here = useQuery(count(selector));
  const all = useQuery(count(running(release.component)));
  const [versions, setVersions] = useState(false);
  const rollouts = useQuery({
    queryKey: ['rollouts', 'of', release.name],
    queryFn: () => data(api.GET('/api/v1/rollouts', { params: { query: { limit: 500 } } })),
    staleTime: 15_000,
    select: (page) => page.items.map(rolloutOf).filter(({ spec: { change } }) => change.release?.component === release.component && change.release.version === release.version),
  });
  const error = here.error ?? all.error;
  if (release.kind === 'set') return null;
  return (
    <Card>
      <Title order={2} mb="sm">Where it runs</Title>
      {error ? <Problem what="It cannot be counted" error={error} /> : here.data === undefined || all.data === undefined ? <Loading what="counting…" /> : (
        <Stack gap="xs">
          <Text size="sm"><LinkText to="/assets" search={{ selector }} size="sm" fw={600} className="num">{here.data.toLocaleString()} {here.data === 1 ? 'asset' : 'assets'}</LinkText> run it, of {all.data.toLocaleString()} that run any {release.component}, by their own newest report.</Text>
          {all.data > 0 && <Progress value={(100 * here.data) / all.data} aria-label={`${here.data} of ${all.data}`} />}
          {versions ? <Versions release={release} all={all.data} /> : <Button size="compact-sm" variant="default" w="fit-content" onClick={() => setVersions(true)}>Which versions run</Button>}
        </Stack>
      )}
      {rollouts.data && rollouts.data.length > 0 && (
        <Stack gap={4} mt="sm">
          <Text size="sm" fw={600}>Rollouts of it</Text>
          {rollouts.data.map((each) => (
            <Group key={each.name} gap="xs"><LinkText to="/rollouts/$name" params={{ name: each.name }} size="sm">{each.name}</LinkText><State value={each.status.phase} /><Text size="sm" c="dimmed" className="num">{(each.status.counts.succeeded ?? 0).toLocaleString()} of {each.status.targets.toLocaleString()}</Text></Group>
          ))}
        </Stack>
      )}
    </Card>
  );
}

const VERSIONS = 10;

/** The newest versions of the component, each with how many run it. */
function Versions({ release, all }: { release: Release; all: number }) {
  const list = useQuery({
    queryKey: ['releases', 'choices', release.component],
    queryFn: () => data(api.GET('/api/v1/releases', { params: { query: { limit: 100, component: release.component } } })),
    select: (page): Schemas['Release'][] => page.items,
    staleTime: 15_000,
  });
  const newest = list.data?.slice(0, VERSIONS) ?? [];
  const counts = useQueries({ queries: newest.map((each) => count(running(each.component, each.version))) });
  if (!list.data) return <Loading what="counting versions…" />;
  const known = counts.every((each) => each.data !== undefined);
  const others = all - counts.reduce((sum, each) => sum + (each.data ?? 0), 0);
  return (
    <Stack gap={4}>
      {newest.map((each, index) => (
        <Group key={each.name} gap="xs">
          <Text size="sm" className="num" ta="right" miw={60}>{counts[index]?.data?.toLocaleString() ?? '…'}</Text>
          <LinkText to="/releases/$name" params={{ name: each.name }} size="sm" fw={each.name === release.name ? 600 : 400}>{each.version}</LinkText>
          {each.status === 'quarantined' && <State value={each.status} />}
          <LinkText to="/assets" search={{ selector: running(each.component, each.version) }} size="xs">assets</LinkText>
        </Group>
      ))}
      {known && others > 0 && <Group gap="xs"><Text size="sm" className="num" ta="right" miw={60}>{others.toLocaleString()}</Text><Text size="sm" c="dimmed">another version, older or not published here</Text></Group>}
    </Stack>
  );
}
