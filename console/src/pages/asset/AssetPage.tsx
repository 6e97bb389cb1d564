import { Card, Group, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ProblemError } from '../../api/client';
import type { Asset } from '../../api/hooks';
import { Missing, Page } from '../../shell/Page';
import { CopyAs } from '../../ui/copyas';
import { Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { TabRow } from '../../ui/tabrow';
import { Ago, Since, useClockOf } from '../../ui/time';
import { assetOf } from './asked';
import { Certificates } from './Certificates';
import { Commands } from './Commands';
import { Logs } from './Logs';
import { Events } from './Records';
import { Files } from './Files';
import { Metrics } from './Metrics';
import { PresenceHistory } from './PresenceHistory';
import { RetireButton, RetirementState } from './Retirement';
import { Timeline } from './timeline/Timeline';
import { Twin } from './Twin';

const route = getRouteApi('/assets/$id');

const TABS: { key: string; title: string; content: (asset: Asset) => ReactNode }[] = [
  { key: 'timeline', title: 'Timeline', content: (asset) => <Timeline id={asset.id} /> },
  { key: 'metrics', title: 'Metrics', content: (asset) => <Metrics asset={asset} /> },
  { key: 'twin', title: 'Twin', content: (asset) => <Twin id={asset.id} /> },
  { key: 'commands', title: 'Commands', content: (asset) => <Commands asset={asset} /> },
  { key: 'presence', title: 'Presence', content: (asset) => <PresenceHistory id={asset.id} /> },
  { key: 'logs', title: 'Logs', content: (asset) => <Logs id={asset.id} /> },
  { key: 'events', title: 'Events', content: (asset) => <Events id={asset.id} /> },
  { key: 'files', title: 'Files', content: (asset) => <Files id={asset.id} /> },
  { key: 'certificates', title: 'Certificates', content: (asset) => <Certificates id={asset.id} /> },
];

export default function AssetPage() {
  const { id } = route.useParams();
  const { tab = 'timeline' } = route.useSearch();
  const navigate = useNavigate({ from: '/assets/$id' });
  const answer = useQuery({ ...assetOf(id), refetchInterval: 5_000 });
  useClockOf(answer.data?.labels);
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`${id} is not an asset`}>It does not exist, or is outside of your scope.</Missing>
    ) : (
      <Problem what={`${id} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${id}…`} />;
  const asset = answer.data;
  return (
    <Page
      whole
      title={asset.id}
      note={<Group gap="xs" mt={4}><State value={asset.presence} /><Text size="sm" c="dimmed">for <Since at={asset.presenceSince} /></Text><State value={asset.lifecycle} /></Group>}
      actions={<Group gap="xs"><CopyAs path={`/api/v1/assets/${encodeURIComponent(asset.id)}`} yaml={asset} command={line('muster', 'describe', 'asset', asset.id)} /><RetireButton asset={asset} /></Group>}
    >
      <RetirementState asset={asset} />
      <Card>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          <Fact name="Type" value={asset.type} />
          <Fact name="Owner" value={asset.owner} />
          <Fact name="Region" value={asset.region} />
          <Fact name="Site" value={asset.site} />
          <Fact name="Hardware" value={asset.hardware} />
          <Fact name="Last seen" value={<Ago at={asset.lastSeen} />} />
          <Fact name="Certificate ends" value={<Ago at={asset.certificateExpires} none="has none" />} />
          <Fact name="Registered" value={<Ago at={asset.created} />} />
          {Object.entries(asset.labels).map(([key, value]) => <Fact key={key} name={key} value={value} />)}
        </SimpleGrid>
      </Card>
      <Tabs
        value={TABS.some((known) => known.key === tab) ? tab : 'timeline'}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, tab: next ?? 'timeline' }), replace: true })}
        keepMounted={false}
      >
        <TabRow chosen={TABS.some((known) => known.key === tab) ? tab : 'timeline'}>
          {TABS.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}
        </TabRow>
        {TABS.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content(asset)}</Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <Stack gap={0} style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text size="sm" truncate>{value === '' ? '–' : value}</Text>
    </Stack>
  );
}

export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{title}</Title>
        {actions}
      </Group>
      {children}
    </Card>
  );
}
