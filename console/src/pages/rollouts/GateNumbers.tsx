import { Group, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { isLive, type Rollout } from './rollout';
import { outcomeGate, outcomeText, sumOf } from './standing';

const FORWARD = new Set(['running', 'paused', 'aborting']);

/** How far a wave is from its gate on outcomes, and how each of its gates was judged last. */
export function GateNumbers({ rollout, wave: index }: { rollout: Rollout; wave: number }) {
  const list = usePages<Schemas['StoredDecision']>(['rollouts', rollout.name, 'decisions'], `/api/v1/rollouts/${encodeURIComponent(rollout.name)}/decisions`, { limit: 1000 }, isLive(rollout.status.phase) ? 5_000 : false);
  const wave = rollout.status.waves[index];
  const judged = lastOfEach(list.rows.filter((decision) => decision.kind === 'gate' && decision.wave === index));
  const open = wave?.state === 'open' && FORWARD.has(rollout.status.phase);
  const back = wave && rollout.status.phase === 'rolling_back' ? sumOf(wave.counts, ['rolled_back', 'rolling_back', 'confirming_back', 'rollback_failed']) : 0;
  return (
    <Stack gap={4} mt={8}>
      {wave && back > 0 && <Text size="sm" c="dimmed">now: {sumOf(wave.counts, ['rolled_back']).toLocaleString()} of {back.toLocaleString()} are back on their own version</Text>}
      {wave && open && <Text size="sm" c="dimmed">now: {outcomeText(outcomeGate(wave.counts, wave.targets, rollout.spec.failures))}</Text>}
      {open && (rollout.spec.gates ?? []).length > 0 && judged.length === 0 && <Text size="sm" c="dimmed">then asked: {rollout.spec.gates?.map((gate) => gate.name).join(', ')}</Text>}
      {judged.map((decision) => (
        <Group key={decision.seq} gap="xs" wrap="wrap">
          <State value={decision.outcome} />
          <Text size="sm" style={{ flex: '1 1 14rem' }}>{decision.reason}</Text>
          <Text size="xs" c="dimmed"><Ago at={decision.at} /></Text>
        </Group>
      ))}
    </Stack>
  );
}

/** The newest decision of each gate; the one on outcomes has no name. */
function lastOfEach(decisions: Schemas['StoredDecision'][]): Schemas['StoredDecision'][] {
  const last = new Map<string, Schemas['StoredDecision']>();
  for (const decision of decisions) if (decision.outcome !== 'asked') last.set(String((decision.threshold as { gate?: string } | undefined)?.gate ?? ''), decision);
  return [...last.values()];
}
