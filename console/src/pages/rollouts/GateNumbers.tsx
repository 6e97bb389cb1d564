import { Group, Text } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { isLive, type Rollout } from './rollout';

/** How the gate of a wave was judged last. */
export function GateNumbers({ rollout, wave }: { rollout: Rollout; wave: number }) {
  const list = usePages<Schemas['StoredDecision']>(['rollouts', rollout.name, 'decisions'], `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/decisions`, { limit: 200 }, isLive(rollout.status.phase) ? 5_000 : false);
  const last = list.rows.findLast((decision) => decision.kind === 'gate' && decision.wave === wave);
  if (!last) return null;
  return (
    <Group gap="xs" mt={8} wrap="wrap">
      <State value={last.outcome} />
      <Text size="sm" style={{ flex: '1 1 14rem' }}>{last.reason}</Text>
      <Text size="xs" c="dimmed"><Ago at={last.at} /></Text>
    </Group>
  );
}
