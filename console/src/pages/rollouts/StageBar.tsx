import { Progress, Tooltip } from '@mantine/core';
import { lookColor } from '../../ui/state';
import { STAGES } from './rollout';

/** How many targets are in which stage. */
export function StageBar({ counts, targets, size = 'md' }: { counts: Record<string, number>; targets: number; size?: string }) {
  return (
    <Progress.Root size={size} w="100%">
      {STAGES.filter((stage) => (counts[stage] ?? 0) > 0 && stage !== 'pending').map((stage) => (
        <Tooltip key={stage} label={`${stage.replaceAll('_', ' ')}: ${(counts[stage] ?? 0).toLocaleString()}`}>
          <Progress.Section value={((counts[stage] ?? 0) / Math.max(targets, 1)) * 100} color={lookColor(stage)} aria-label={`${stage}: ${counts[stage]}`} />
        </Tooltip>
      ))}
    </Progress.Root>
  );
}
