import { Box, Group, Stack, Text } from '@mantine/core';
import { Fragment } from 'react';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { absolute, ago, span, useNow } from '../../ui/time';
import type { Run, RunStep } from './runbook';

const LOOKS: Record<string, string> = { pending: 'waiting', retrying: 'stale', skipped: 'excluded' };

/** Every step of a run, where it stands, what it came to and why it waits. */
export function StepList({ run, compact = false }: { run: Run; compact?: boolean }) {
  const steps = run.steps ?? [];
  return (
    <Stack component="ol" gap={0} m={0} p={0} style={{ listStyle: 'none' }} aria-label="steps">
      {steps.map((step, index) => (
        <Fragment key={`${step.section}${step.name}`}>
          {step.section === 'onFailure' && steps[index - 1]?.section !== 'onFailure' && (
            <Text component="li" size="xs" c="dimmed" fw={600} pt="sm" pb={2}>when that fails</Text>
          )}
          <Step step={step} number={index + 1} compact={compact} current={step.state === 'running' || step.state === 'retrying'} />
        </Fragment>
      ))}
    </Stack>
  );
}

function Step({ step, number, compact, current }: { step: RunStep; number: number; compact: boolean; current: boolean }) {
  const now = useNow();
  const quiet = step.state === 'skipped' || step.state === 'pending';
  return (
    <Box
      component="li"
      py={compact ? 4 : 8}
      px="xs"
      aria-current={current ? 'step' : undefined}
      style={{ borderLeft: `3px solid ${current ? 'var(--mantine-color-blue-6)' : step.state === 'indeterminate' ? 'var(--mantine-color-orange-6)' : 'transparent'}`, ...(current && { background: 'var(--mantine-color-default-hover)' }) }}
    >
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Text c="dimmed" size="sm" className="num" w={18} ta="right" style={{ flexShrink: 0 }}>{number}</Text>
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
            <Text fw={quiet ? 400 : 600} size="sm" style={{ overflowWrap: 'anywhere' }} {...(quiet && { c: 'dimmed' })}>{step.name}</Text>
            <Box style={{ flexShrink: 0 }}><State value={step.state} as={LOOKS[step.state]} /></Box>
          </Group>
          {!compact && <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{step.does}</Text>}
          {step.waits && <Text size="sm"><b>waits:</b> {step.waits}</Text>}
          {step.state === 'indeterminate' && <Text size="sm" fw={600}>It may have happened. Nobody knows.</Text>}
          {step.output !== '' && step.output !== step.does && !(step.waits && current) && <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{step.output}</Text>}
          {(step.since || step.until) && (
            <Text size="xs" c="dimmed">
              {step.since && <span title={absolute(step.since)}>{step.endedAt ? `took ${span((new Date(step.endedAt).getTime() - new Date(step.since).getTime()) / 1000)}, ended ${ago(step.endedAt, now)}` : `for ${span((now - new Date(step.since).getTime()) / 1000)}`}</span>}
              {step.until && <span title={absolute(step.until)}> · {step.state === 'retrying' ? 'again' : 'its time is over'} {ago(step.until, now)}</span>}
              {step.attempts > 1 && ` · attempt ${step.attempts} of ${step.maxAttempts}`}
            </Text>
          )}
          {step.commands && step.commands.length > 0 && (
            <Text size="xs">{step.commands.slice(0, 5).map((id, index) => <LinkText key={id} to="/commands" search={{ command: id }} size="xs" mr={8}>command {index + 1}</LinkText>)}{step.commands.length > 5 && <Text span size="xs" c="dimmed">and {step.commands.length - 5} more</Text>}</Text>
          )}
          {step.run && <LinkText to="/runbooks/runs/$id" params={{ id: step.run }} size="xs">its run</LinkText>}
        </div>
      </Group>
    </Box>
  );
}
