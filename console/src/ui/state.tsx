import { Badge } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconHelpCircle,
  IconInfoCircle,
  IconPlayerPause,
  IconProgress,
  IconRotate2,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

type Look = { color: string; icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }> };

const GOOD: Look = { color: 'teal', icon: IconCircleCheck };
const BAD: Look = { color: 'red', icon: IconCircleX };
const WARN: Look = { color: 'orange', icon: IconAlertTriangle };
const BUSY: Look = { color: 'blue', icon: IconProgress };
const WAITS: Look = { color: 'gray', icon: IconClock };
const UNKNOWN: Look = { color: 'gray', icon: IconHelpCircle };
const PAUSED: Look = { color: 'orange', icon: IconPlayerPause };
const BACK: Look = { color: 'grape', icon: IconRotate2 };

/** How each state of the API looks; one that is not listed is shown as unknown, never as good. */
const LOOKS: Record<string, Look> = {
  online: GOOD, stale: WARN, offline: BAD, never_seen: { color: 'gray', icon: IconCircleDashed },
  registered: WAITS, provisioned: BUSY, active: GOOD, maintenance: WARN, quarantined: BAD, retired: { color: 'gray', icon: IconBan },
  in_sync: GOOD, drifted: WARN, pending: WAITS, rejected: BAD, stalled: BAD, unknown: UNKNOWN,
  queued: WAITS, accepted: BUSY, running: BUSY, succeeded: GOOD, failed: BAD, expired: WARN, indeterminate: WARN,
  stopping: PAUSED, ended: { color: 'gray', icon: IconCircleCheck },
  unmanaged: { color: 'gray', icon: IconCircleDashed },
  cancelled: { color: 'gray', icon: IconBan },
  draft: WAITS, planned: WAITS, paused: PAUSED, completed: GOOD, done: GOOD, aborted: BAD, rolling_back: BACK, rolled_back: BACK,
  rollback_failed: BAD, stranded: BAD, bricked: BAD, recovering: BACK, returning: BACK, waiting: WAITS, notified: BUSY, downloading: BUSY, installed: BUSY, rebooting: BUSY, verifying: BUSY,
  timed_out: BAD, unreachable: BAD, excluded: { color: 'gray', icon: IconBan },
  ordered: BUSY, confirming_back: BACK, aborting: PAUSED, open: BUSY, settled: { color: 'gray', icon: IconCircleCheck },
  published: GOOD, quarantine: BAD,
  pass: GOOD, fail: BAD, inconclusive: WARN,
  ok: GOOD, warn: WARN,
  firing: BAD, resolved: GOOD, acknowledged: BUSY, mitigated: BACK,
  page: BAD, ticket: WARN, info: { color: 'gray', icon: IconInfoCircle }, critical: BAD, major: WARN, minor: { color: 'gray', icon: IconInfoCircle },
  burning: WARN, exhausted: BAD, calm: GOOD, stopped: { color: 'gray', icon: IconBan }, refused: BAD, delivered: GOOD,
  usable: GOOD, used_up: { color: 'gray', icon: IconCircleCheck }, valid: GOOD, revoked: BAD, superseded: { color: 'gray', icon: IconBan },
};

/**
 * A state as word, colour and sign: never by colour alone. `as` names the state whose look it takes, where the word means another thing
 * elsewhere.
 */
export function State({ value, title, as }: { value: string | null | undefined; title?: string; as?: string | undefined }) {
  const word = value ?? 'unknown';
  const look = LOOKS[(as ?? word).toLowerCase()] ?? UNKNOWN;
  const Icon = look.icon;
  return (
    <Badge
      color={look.color}
      variant="light"
      radius="sm"
      tt="none"
      fw={500}
      miw="max-content"
      leftSection={<Icon size={13} aria-hidden />}
      {...(title === undefined ? {} : { title })}
    >
      {word.replaceAll('_', ' ')}
    </Badge>
  );
}

/** For bars; there the darkest grey would stand out most. */
export function lookColor(value: string): string {
  const { color } = LOOKS[value] ?? UNKNOWN;
  return color === 'gray' ? 'gray.5' : color;
}
