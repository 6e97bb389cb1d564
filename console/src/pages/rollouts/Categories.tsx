import { Alert, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { many } from '../../ui/words';
import { REASONS, isLive, type Rollout } from './rollout';
import { TROUBLE } from './standing';

type Category = Schemas['RolloutCategory'];

/** Whoever did not get back comes before everything else: somebody has to look after it. */
export function Trouble({ rollout: { name, status } }: { rollout: Rollout }) {
  const found = TROUBLE.filter(({ stage }) => (status.counts[stage] ?? 0) > 0);
  if (found.length === 0) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title="Look after these first">
      {found.map(({ stage, says }) => (
        <Text key={stage} size="sm"><LinkText to="/rollouts/$name" params={{ name }} search={{ tab: 'targets', stage }} size="sm" c="inherit" underline="always">{says(status.counts[stage] ?? 0)}</LinkText></Text>
      ))}
      <Text size="xs" c="dimmed" mt={4}>Their order back stands: whoever is heard of again goes back by itself. Retry sends it once more.</Text>
    </Alert>
  );
}

const GROUPS: { title: string; stages: string[]; sentBack?: boolean; note: string }[] = [
  { title: 'Did not get back', stages: ['rollback_failed', 'bricked', 'stranded'], note: 'first of all' },
  { title: 'Failed', stages: ['failed', 'returning', 'recovering'], note: 'counted by gates' },
  { title: 'Failed, and was sent back', stages: ['failed', 'returning', 'recovering', 'stranded', 'bricked'], sentBack: true, note: 'as each failed first' },
  { title: 'Not known', stages: ['unreachable', 'indeterminate'], note: 'neither failed nor healthy; never counted as success' },
  { title: 'Waits', stages: ['waiting'], note: 'its turn has come, and something is in the way' },
  { title: 'Left out', stages: ['excluded'], note: 'since the start' },
];

/** What became of those that are not simply done or under way, by reason, with the assets behind each number. */
export function Categories({ rollout }: { rollout: Rollout }) {
  const answer = useQuery({
    queryKey: ['rollouts', rollout.name, 'categories'],
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}/categories', { params: { path: { name: rollout.name } } })),
    refetchInterval: isLive(rollout.status.phase) ? 10_000 : false,
  });
  if (answer.error) return <Problem what="The reasons cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="counting reasons…" />;
  const all = answer.data;
  const groups = GROUPS.map((group) => ({ ...group, found: all.filter((each) => group.stages.includes(each.stage) && each.sentBack === (group.sentBack ?? false)) })).filter((group) => group.found.length > 0);
  return (
    <Stack gap="sm">
      {groups.length === 0 && <Card><Empty title="Nobody failed, waits or was left out">Whoever does appears here, by reason.</Empty></Card>}
      {groups.map((group) => (
        <Card key={group.title} padding="sm">
          <Group gap="xs" mb={6}><Text fw={600}>{group.title}</Text><Text size="xs" c="dimmed">{group.note}</Text></Group>
          <Stack gap={8}>{group.found.map((each) => <Row key={`${each.stage} ${each.reason}`} rollout={rollout.name} category={each} />)}</Stack>
        </Card>
      ))}
      {(rollout.status.strata ?? []).some((stratum) => stratum.state !== 'going') && <Strata rollout={rollout} />}
      <CommandLine label="same by command" command={line('muster', 'rollout', 'targets', rollout.name, '--stage', 'failed')} />
    </Stack>
  );
}

function Row({ rollout, category: { stage, reason, sentBack, targets, detail, first, last } }: { rollout: string; category: Category }) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      {sentBack ? (
        <Text size="sm" className="num" style={{ minWidth: '4.5rem', textAlign: 'right' }}>{targets.toLocaleString()}</Text>
      ) : (
        <LinkText to="/rollouts/$name" params={{ name: rollout }} search={{ tab: 'targets', stage, ...(reason === undefined ? {} : { reason }) }} size="sm" className="num" style={{ minWidth: '4.5rem', textAlign: 'right' }}>{targets.toLocaleString()}</LinkText>
      )}
      <div style={{ minWidth: 0, flex: 1 }}>
        <Group gap="xs"><State value={sentBack ? 'failed' : stage} /><Text size="sm">{reason === undefined ? 'no reason was told' : REASONS[reason] ?? reason.replaceAll('_', ' ')}</Text></Group>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{detail ? `most often: ${detail}; ` : ''}first <Ago at={first} />{targets > 1 && <>, last <Ago at={last} /></>}</Text>
      </div>
    </Group>
  );
}

function Strata({ rollout }: { rollout: Rollout }) {
  return (
    <Card padding="sm">
      <Text fw={600} mb={6}>Do not go on, while the others do</Text>
      <Stack gap={6}>
        {rollout.status.strata?.filter((stratum) => stratum.state !== 'going').map((stratum) => (
          <div key={JSON.stringify(stratum.values)}>
            <Group gap="xs"><State value={stratum.state === 'recalled' ? 'rolling_back' : 'stopped'} /><Text size="sm" fw={500}>{Object.entries(stratum.values).map(([name, value]) => `${name} ${value === '' ? '–' : value}`).join(', ')}</Text><Text size="sm" c="dimmed" className="num">{many(stratum.targets, 'target')}</Text></Group>
            {stratum.why && <Text size="xs" c="dimmed">{stratum.why}</Text>}
          </div>
        ))}
      </Stack>
    </Card>
  );
}
