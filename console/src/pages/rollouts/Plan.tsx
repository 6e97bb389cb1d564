import { Alert, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { bytes } from '../../ui/size';
import { absolute } from '../../ui/time';
import { called } from '../../ui/words';
import { REASONS } from './rollout';
import { mixture, mixtures } from './mixture';

type PlanView = Schemas['RolloutPlan'];
/** Of a wave that is mixed by much, the largest; the command shows all. */
const MIXTURES = 8;

/** What a draft would do if it started now. */
export function Plan({ name }: { name: string }) {
  const plan = useQuery({
    queryKey: ['rollouts', name, 'plan'],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}/plan', { params: { path: { name }, query: { examples: 12 } } })),
    refetchInterval: 30_000,
  });
  if (plan.error) return <Problem what="It cannot be planned" error={plan.error} retry={() => void plan.refetch()} />;
  if (!plan.data) return <Loading what="working out who would be in which wave…" />;
  return (
    <Stack gap="sm">
      <Planned plan={plan.data} />
      <CommandLine label="same by command" command={`muster rollout plan ${name}`} />
    </Stack>
  );
}

/** A plan in numbers: of a draft, or of what is not stored. */
export function Planned({ plan }: { plan: PlanView }) {
  const { selected, targets, problems, waves, leftOut, waiting, withoutRollbackTarget, approvals } = plan;
  return (
    <Stack gap="sm">
      <Text size="sm">
        Started now it would change {targets.toLocaleString()} of {selected.toLocaleString()} selected assets.
        {withoutRollbackTarget > 0 && ` ${withoutRollbackTarget.toLocaleString()} could not go back: they have not said what they run.`}
      </Text>
      {problems.length > 0 && (
        <Alert color="red" icon={<IconAlertTriangle />} title="It cannot start">
          {problems.map((problem) => <Text key={problem} size="sm">{problem}</Text>)}
        </Alert>
      )}
      {approvals.needed > 0 && <Approvals approvals={approvals} />}
      <Facts plan={plan} />
      {waves.map((wave, index) => <Wave key={wave.name} wave={wave} number={index + 1} />)}
      <Groups title="Left out" groups={leftOut} />
      <Groups title="Would wait now" groups={waiting} />
    </Stack>
  );
}

/** What it takes and what it can show. */
function Facts({ plan: { downloads, time, canary } }: { plan: PlanView }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: canary ? 3 : 2 }} spacing="sm">
      <Fact title="Takes" value={time.ends ? `until ${absolute(time.ends)}` : 'not known'}>
        <Text size="xs" c="dimmed">{time.text}</Text>
      </Fact>
      <Fact title="Downloads" value={bytes(downloads.bytes)}>
        {downloads.artifacts.map((artifact) => (
          <Text key={artifact.target} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{artifact.assets.toLocaleString()} × {bytes(artifact.bytes)} {artifact.target}</Text>
        ))}
        <Text size="xs" c="dimmed">at most: what is packed, or differs from what an asset has, is less</Text>
      </Fact>
      {canary && (
        <Fact title={`Wave ${canary.wave} proves`} value={`fewer than ${canary.failurePercentBelow.toLocaleString(undefined, { maximumFractionDigits: 2 })} % would fail`}>
          <Text size="xs" c="dimmed">{canary.text}</Text>
          {canary.missing.length > 0 && <Text size="xs" c="dimmed" mt={4}>It has none of {mixtures(canary.missing, MIXTURES)}.</Text>}
        </Fact>
      )}
    </SimpleGrid>
  );
}

function Fact({ title, value, children }: { title: string; value: string; children: ReactNode }) {
  return (
    <Card padding="sm">
      <Text size="xs" c="dimmed">{title}</Text>
      <Text fw={600} className="num" mb={4}>{value}</Text>
      {children}
    </Card>
  );
}

function Approvals({ approvals: { needed, by, why, author } }: { approvals: PlanView['approvals'] }) {
  const missing = needed - by.length;
  return (
    <Alert color={missing > 0 ? 'orange' : 'teal'} icon={<IconUserCheck />} title={missing > 0 ? `${missing} more ${missing === 1 ? 'person has' : 'people have'} to approve it` : 'It is approved'}>
      {why.map((reason) => <Text key={reason} size="sm">{reason}</Text>)}
      <Text size="sm">{by.length > 0 ? `Approved by ${by.map(called).join(', ')}` : 'Nobody has approved it as it is now'}{author ? `; ${called(author)} wrote it, and cannot.` : '.'}</Text>
    </Alert>
  );
}

function Wave({ wave, number }: { wave: PlanView['waves'][number]; number: number }) {
  return (
    <Card padding="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{number}. {wave.name}{wave.manual ? ', begins when a person lets it' : ''}</Text>
        <Text size="sm" c="dimmed" className="num">{wave.targets.toLocaleString()} {wave.targets === 1 ? 'target' : 'targets'}</Text>
      </Group>
      {wave.begins && <Text size="xs" c="dimmed">{absolute(wave.begins)}{wave.ends ? ` to ${absolute(wave.ends)}, if all goes well` : ''}</Text>}
      {wave.strata.length > 0 && (
        <Group gap="md" mt={4}>
          {wave.strata.slice(0, MIXTURES).map((stratum) => (
            <Text key={mixture(stratum)} size="sm" title={mixture(stratum, true)}><span className="num">{stratum.targets.toLocaleString()}</span> {mixture(stratum)}</Text>
          ))}
          {wave.strata.length > MIXTURES && <Text size="sm" c="dimmed">and {wave.strata.length - MIXTURES} more mixtures</Text>}
        </Group>
      )}
      <Group gap="xs" mt={4}>
        {wave.assets.map((asset) => <LinkText key={asset} to="/assets/$id" params={{ id: asset }} size="sm">{asset}</LinkText>)}
        {wave.targets > wave.assets.length && <Text size="sm" c="dimmed">and {(wave.targets - wave.assets.length).toLocaleString()} more</Text>}
      </Group>
    </Card>
  );
}

/** Assets by reason, with what was found of some of them. */
function Groups({ title, groups }: { title: string; groups: Schemas['LeftOutOfRollout'][] }) {
  if (groups.length === 0) return null;
  return (
    <Card padding="sm">
      <Text fw={600} mb={4}>{title}</Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {groups.map((group) => (
          <div key={group.reason}>
            <Text size="sm"><span className="num">{group.count.toLocaleString()}</span>: {REASONS[group.reason] ?? group.reason.replaceAll('_', ' ')}</Text>
            {Object.entries(group.assets).slice(0, 3).map(([asset, found]) => (
              <Text key={asset} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}><LinkText to="/assets/$id" params={{ id: asset }} size="xs">{asset}</LinkText>{found === '' ? '' : `: ${found}`}</Text>
            ))}
            {group.count > 3 && <Text size="xs" c="dimmed">and {(group.count - Math.min(3, Object.keys(group.assets).length)).toLocaleString()} more</Text>}
          </div>
        ))}
      </SimpleGrid>
    </Card>
  );
}
