import { Group, Progress, Text, Tooltip } from '@mantine/core';
import { SETTLED, type CommandRun } from '../../api/hooks';
import { lookColor } from '../../ui/state';

/** How far a run is: what ended how, out of all of its assets. */
export function RunProgress({ run, size = 'sm' }: { run: CommandRun; size?: string }) {
  const counts = Object.entries(run.commands).filter(([, count]) => count > 0);
  const ended = counts.filter(([status]) => SETTLED.has(status)).reduce((sum, [, count]) => sum + count, 0);
  return (
    <Group gap="xs" wrap="nowrap">
      <Progress.Root size={size} style={{ flex: 1 }}>
        {counts.map(([status, count]) => (
          <Tooltip key={status} label={`${status}: ${count.toLocaleString()}`}>
            <Progress.Section value={(count / Math.max(run.assets, 1)) * 100} color={lookColor(status)} aria-label={`${status}: ${count}`} />
          </Tooltip>
        ))}
      </Progress.Root>
      <Text size="xs" c="dimmed" className="num">{ended.toLocaleString()} of {run.assets.toLocaleString()}</Text>
    </Group>
  );
}
