import { Card, Group, Progress, SimpleGrid, Stack, Text, Title, Tooltip } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { useOverview } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { Empty, Loading, Problem } from '../../ui/feedback';
import { lookColor } from '../../ui/state';
import { LinkCard, LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { Attention } from './Attention';
import { DriftCard, RolloutsCard } from './Changing';
import { Recent } from './Recent';

export const PRESENCES = ['online', 'stale', 'offline', 'never_seen'] as const;

export default function Overview() {
  const overview = useOverview();
  if (overview.error && !overview.data) {
    return <Problem what="The overview cannot be shown" error={overview.error} retry={() => void overview.refetch()} />;
  }
  if (!overview.data) return <Loading what="counting the fleet…" />;
  const fleet = overview.data;
  if (fleet.assets === 0) {
    return (
      <Page title="Overview">
        <Card>
          <Empty title="There is no asset yet" command="muster sim --assets 50 --types vehicle=60,pos=20,sensor=20">
            Register one with <b>muster create asset</b>, import a list with <b>muster import assets fleet.csv</b>, give a device a claim token so
            that it enrols by itself, or look around with a simulated fleet:
          </Empty>
        </Card>
      </Page>
    );
  }
  return (
    <Page title="Overview" note={<>counted <Ago at={fleet.at} /></>}>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        {PRESENCES.map((presence) => (
          <Figure key={presence} presence={presence} count={fleet.presence[presence] ?? 0} of={fleet.assets} />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <DriftCard />
        <RolloutsCard />
        <Attention />
        <Recent />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Shares title="By region" shares={fleet.regions} none="without a region" link={(name) => ({ selector: `asset.region == '${name}'` })} />
        <Shares title="By type" shares={fleet.types} none="without a type" link={(name) => ({ type: name })} />
      </SimpleGrid>
    </Page>
  );
}

function Figure({ presence, count, of }: { presence: string; count: number; of: number }) {
  const share = of === 0 ? 0 : (count / of) * 100;
  return (
    <LinkCard to="/assets" search={{ presence }}>
      <Text size="sm" c="dimmed">{presence.replace('_', ' ')}</Text>
      <Group align="baseline" gap={8}>
        <Text fz={30} fw={650} lh={1.2} className="num">{count.toLocaleString()}</Text>
        <Text size="sm" c="dimmed" className="num">{percent(share)}</Text>
      </Group>
      <Progress value={share} color={lookColor(presence)} size="sm" mt={6} aria-label={`${percent(share)} of the assets are ${presence}`} />
    </LinkCard>
  );
}

/** Never rounds to 0 % or 100 % what is not. */
export function percent(share: number): string {
  if (share > 0 && share < 0.1) return '< 0.1 %';
  if (share > 99.9 && share < 100) return '> 99.9 %';
  const exact = share === 0 || share === 100;
  return `${share.toFixed(!exact && (share < 10 || share > 99) ? 1 : 0)} %`;
}

type Search = { selector?: string; type?: string };

function Shares({ title, shares, none, link }: { title: string; shares: Schemas['Share'][]; none: string; link: (name: string) => Search }) {
  const ordered = [...shares].sort((a, b) => b.assets - a.assets);
  return (
    <Card>
      <Title order={2} mb="sm">{title}</Title>
      <Stack gap={10} mah={360} style={{ overflowY: 'auto' }}>
        {ordered.map((share) => (
          <div key={share.name}>
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <LinkText to="/assets" search={link(share.name)} size="sm" truncate>
                {share.name === '' ? none : share.name}
              </LinkText>
              <Text size="xs" c="dimmed" className="num" style={{ whiteSpace: 'nowrap' }}>
                {(share.presence.online ?? 0).toLocaleString()} of {share.assets.toLocaleString()} online
              </Text>
            </Group>
            <Progress.Root size="md" mt={3}>
              {PRESENCES.filter((presence) => (share.presence[presence] ?? 0) > 0).map((presence) => (
                <Tooltip key={presence} label={`${presence.replace('_', ' ')}: ${(share.presence[presence] ?? 0).toLocaleString()}`}>
                  <Progress.Section
                    value={((share.presence[presence] ?? 0) / share.assets) * 100}
                    color={lookColor(presence)}
                    aria-label={`${presence}: ${share.presence[presence]}`}
                  />
                </Tooltip>
              ))}
            </Progress.Root>
          </div>
        ))}
      </Stack>
    </Card>
  );
}
