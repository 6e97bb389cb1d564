import type { Schemas } from '../../api/client';

/** Where a rollout stands: `status` of the declared object, which the document of the API does not type. */
export type RolloutStatus = {
  /** What it brings, in words; of a configuration with the revision. */
  change: string;
  phase: string;
  cause?: string;
  why: string;
  since: string;
  wave?: string;
  targets: number;
  inFlight: number;
  counts: Record<string, number>;
  waves: { name: string; state: string; targets: number; manual: boolean; retries?: number; counts: Record<string, number> }[];
  /** By which failures are told apart, those first that do not go on. */
  strata?: { values: Record<string, string>; state: string; why?: string; targets: number; counts: Record<string, number> }[];
  leftOut: Record<string, number>;
  started?: string;
  ended?: string;
};

export type RolloutSpec = {
  /** A rollout of a configuration needs none: then it is all that the configuration is for. */
  selector?: string;
  change: { release?: { component: string; version: string }; configuration?: { name: string; config: unknown } };
  failures?: { threshold?: string; minSamples?: number; then?: string };
  maxInFlight?: number;
  perMinute?: number;
  soak?: string;
  timeout?: string;
  window?: { days: string[]; from: string; to: string; zone?: string; zoneLabel?: string };
  blackouts?: { name: string; from: string; to: string }[];
  gates?: { name: string; check: string; continuously?: boolean; then?: string }[];
};

export type Rollout = { name: string; spec: RolloutSpec; status: RolloutStatus; declared: Schemas['DeclaredObject'] };

export function rolloutOf(declared: Schemas['DeclaredObject']): Rollout {
  return { name: declared.metadata.name, spec: declared.spec as RolloutSpec, status: declared.status as RolloutStatus, declared };
}

/** In the order in which a target passes them; the bar is drawn so. */
export const STAGES = [
  'succeeded', 'failed', 'stranded', 'bricked', 'recovering', 'returning', 'unreachable', 'indeterminate', 'rolled_back', 'rollback_failed', 'confirming_back', 'rolling_back',
  'verifying', 'rebooting', 'installed', 'downloading', 'notified', 'ordered', 'waiting', 'pending', 'excluded',
];

export const REASONS: Record<string, string> = {
  window: 'its window is closed',
  busy: 'another rollout changes it',
  gone: 'deleted or retired',
  not_selected: 'fell out of the selection',
  incompatible: 'the release is not for it',
  already_there: 'has it already',
  no_rollback_target: 'could not go back',
  evidence: 'cannot prove what is asked for',
  not_started: 'the rollout ended before its turn',
  reported: 'says that it could not',
  went_back: 'went back by itself',
  wrong_version: 'runs another version',
  timed_out: 'did not get there in time',
  restarted: 'restarted during the soak',
  unhealthy: 'was not healthy',
  silent: 'was not heard of when the soak was over',
  not_heard: 'was not heard of',
  withdrawn: 'the order was taken back unanswered',
  superseded: 'changed by a later rollout since',
  retry: 'tried once more',
  maintenance: 'in maintenance',
  unsafe: 'not safe to change now',
  pinned: 'held on another version by a label',
  halted: 'its stratum was halted',
  operator: 'taken out by a person',
  withheld: 'the release is withheld from its kind',
  no_heartbeat: 'was not heard of since it restarted',
  backoff: 'is tried again later',
  crowded: 'its place has enough under way',
  deadline: 'the deadline has passed',
  incident: 'somebody looks after it because something is wrong with it',
  no_space: 'has not told of enough free space',
  yielding: 'another rollout wants it, too, and goes first',
};

const LIVE = new Set(['running', 'paused', 'aborting', 'rolling_back']);

/** Whether the server still moves it. */
export function isLive(phase: string | undefined): boolean {
  return phase !== undefined && LIVE.has(phase);
}

export type Act = {
  path: 'approve' | 'start' | 'pause' | 'resume' | 'promote' | 'abort' | 'rollback' | 'retry';
  title: string;
  red?: boolean;
  /** Goes on although a gate failed or knew too little. */
  accept?: boolean;
  /** Needs the role admin. */
  admin?: boolean;
  consequence: string;
};

const PAUSE: Act = { path: 'pause', title: 'Pause', consequence: 'Orders nothing new; what is under way is watched to its end.' };
const ABORT: Act = { path: 'abort', title: 'Abort', red: true, consequence: 'Ends it where it stands: orders that nobody has answered are withdrawn; what has changed stays changed.' };
const BACK: Act = { path: 'rollback', title: 'Roll back', red: true, consequence: 'Every touched asset returns to its own previous version. This waits for no window and no slot.' };
const PROMOTE: Act = { path: 'promote', title: 'Promote', admin: true, red: true, consequence: 'Opens the next wave at once, although the gate of this one has not passed; not while one fails. All open waves are judged on.' };
const RETRY: Act = { path: 'retry', title: 'Retry', consequence: 'Targets that failed, were not heard of or cannot be told are tried once more; after a rollback, those that did not get back.' };

/** Where a target stands that can be tried once more. */
const TROUBLE = ['failed', 'stranded', 'bricked', 'unreachable', 'indeterminate', 'rollback_failed', 'recovering', 'returning'];

function retry({ counts }: RolloutStatus): Act[] {
  return TROUBLE.some((stage) => (counts[stage] ?? 0) > 0) ? [RETRY] : [];
}

/** What a person may do, by where it stands. */
export function actsOf(status: RolloutStatus): Act[] {
  switch (status.phase) {
    case 'draft':
      return [
        { path: 'start', title: 'Start', consequence: 'Fixes its targets as they are selected now, and opens the first wave. Where others have to approve it first, that is said.' },
        { path: 'approve', title: 'Approve', consequence: 'Says yes to the draft as it is now, in your name; a changed one needs it anew. Not for who wrote it, and only where its risk asks for it.' },
      ];
    case 'running':
      return [PAUSE, ...(status.waves.some((wave) => wave.state === 'waiting') ? [PROMOTE] : []), ABORT, BACK];
    case 'paused':
      return [
        status.cause?.startsWith('gate_')
          ? { path: 'resume', title: 'Go on all the same', accept: true, admin: true, red: true, consequence: `${status.why}. Going on accepts that; only failures beyond these fail the gate again.` }
          : { path: 'resume', title: 'Resume', consequence: 'Goes on with the next targets.' },
        ABORT,
        BACK,
      ];
    case 'completed':
      return [...retry(status), BACK];
    case 'aborted':
      return [BACK];
    case 'rolled_back':
      return retry(status);
    default:
      return [];
  }
}
