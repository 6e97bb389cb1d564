import type { Schemas } from '../../api/client';
import { REASONS, type Rollout, type RolloutStatus } from './rollout';

type Counts = Record<string, number>;
type Target = Pick<Schemas['RolloutTarget'], 'asset' | 'wave' | 'stage' | 'reason' | 'detail' | 'order' | 'attempt' | 'since' | 'previous'>;

const FAILURES = ['failed', 'returning', 'stranded', 'recovering', 'bricked'];
const UNTOUCHED = ['pending', 'waiting', 'excluded'];
const BACK = ['rolled_back', 'rolling_back', 'confirming_back', 'rollback_failed', 'returning', 'recovering', 'failed', 'stranded', 'bricked'];

export function sumOf(counts: Counts, stages: string[]): number {
  return stages.reduce((sum, stage) => sum + (counts[stage] ?? 0), 0);
}

/** The gate on outcomes of a wave, in numbers, as it stands now; the server alone judges it. */
export type OutcomeGate = { begun: number; failed: number; outcomes: number; asked: number; failedPercent: number | undefined; bears: string; needed: number };

export function outcomeGate(counts: Counts, targets: number, failures: { threshold?: string; minSamples?: number } | undefined): OutcomeGate {
  const failed = sumOf(counts, FAILURES);
  const begun = (counts.succeeded ?? 0) + failed + sumOf(counts, ['notified', 'downloading', 'installed', 'rebooting', 'verifying']);
  const asked = targets - (counts.excluded ?? 0);
  return {
    begun,
    failed,
    outcomes: (counts.succeeded ?? 0) + failed,
    asked,
    failedPercent: begun === 0 ? undefined : (100 * failed) / begun,
    bears: failures?.threshold ?? '10%',
    needed: Math.min(failures?.minSamples ?? 1, Math.max(1, asked)),
  };
}

const PERCENT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function outcomeText({ begun, failed, outcomes, asked, failedPercent, bears, needed }: OutcomeGate): string {
  if (asked <= 0) return 'nobody is left in it';
  const so = failedPercent === undefined ? 'nobody has begun' : `${failed.toLocaleString()} of ${begun.toLocaleString()} that have begun have failed (${PERCENT.format(failedPercent)} %), it bears ${bears.replace('%', ' %')}`;
  return `${so}; ${outcomes.toLocaleString()} of ${asked.toLocaleString()} have an outcome${outcomes < needed ? `, judged from ${needed} on` : ''}`;
}

/** How many assets an act touches, so that who confirms it knows. */
export function effectOfAct(path: string, status: RolloutStatus): string {
  const count = (n: number) => `${n.toLocaleString()} ${n === 1 ? 'asset' : 'assets'}`;
  const touched = status.targets - sumOf(status.counts, UNTOUCHED);
  const open = status.waves.findIndex((wave) => wave.state === 'waiting');
  const next = open < 0 ? undefined : status.waves[open];
  switch (path) {
    case 'pause':
      return `${count(status.inFlight)} under way are watched to their end; ${count(sumOf(status.counts, ['pending', 'waiting']))} get no order until it is resumed.`;
    case 'resume':
      return next && status.cause === 'wave' ? `Opens wave ${next.name}: ${count(next.targets)}.` : `Goes on with ${count(sumOf(status.counts, ['pending', 'waiting']))} that have not begun.`;
    case 'promote':
      return next ? `Opens wave ${next.name} now: ${count(next.targets)} may get their order, although the gate of the wave before has not passed.` : '';
    case 'abort':
      return `${count(sumOf(status.counts, ['pending', 'waiting']))} never get it; ${count(status.counts.succeeded ?? 0)} keep it${status.inFlight > 0 ? `; ${count(status.inFlight)} under way are watched to their end` : ''}.`;
    case 'rollback': {
      const returns = touched - sumOf(status.counts, BACK);
      return `${count(returns)} return to their own previous version; ${count(sumOf(status.counts, ['pending', 'waiting']))} never get this one.`;
    }
    case 'retry':
      return status.phase === 'rolled_back'
        ? `${count(sumOf(status.counts, ['rollback_failed']))} that did not get back ${sumOf(status.counts, ['rollback_failed']) === 1 ? 'is' : 'are'} sent back once more.`
        : `${count(sumOf(status.counts, ['failed', 'stranded', 'bricked', 'unreachable', 'indeterminate']))} get another order.`;
    default:
      return '';
  }
}

/** Targets that a person has to look after, worst first. */
export const TROUBLE: { stage: string; says: (n: number) => string }[] = [
  { stage: 'rollback_failed', says: (n) => `${n.toLocaleString()} did not get back to their own version` },
  { stage: 'bricked', says: (n) => `${n.toLocaleString()} may be bricked: not heard of since the restart` },
  { stage: 'stranded', says: (n) => `${n.toLocaleString()} failed and did not get back` },
];

/** Why a target stands where it stands, in the order in which a person would ask. */
export function whyText(rollout: Rollout, target: Target): string[] {
  const { status, spec } = rollout;
  const at = status.waves.findIndex((wave) => wave.name === target.wave);
  const wave = status.waves[at];
  const said = [target.reason && (REASONS[target.reason] ?? target.reason.replaceAll('_', ' ')), target.detail].filter(Boolean).join(': ');
  switch (target.stage) {
    case 'pending':
      return pendingText(rollout, at, wave);
    case 'waiting':
      return [`Its turn has come, and something is in the way: ${said || 'not said what'}.`, waitingHelp(target.reason)].filter((each) => each !== '');
    case 'ordered':
      return [`The order is out, and it has not answered. After ${spec.timeout ?? '30m'} without a word it counts as unreachable.`];
    case 'notified':
    case 'downloading':
    case 'installed':
    case 'rebooting':
      return [`It is ${target.stage}${target.detail ? ` (${target.detail})` : ''}: has ${spec.timeout ?? '30m'} from the order to run the new version.`];
    case 'verifying':
      return [`It runs the new version, and is watched for ${spec.soak ?? '10m'} before it counts.`];
    case 'succeeded':
      return ['It is done: runs the new version, and was healthy through its soak.'];
    default:
      return [said === '' ? `It is ${target.stage.replaceAll('_', ' ')}.` : `It is ${target.stage.replaceAll('_', ' ')}: ${said}.`];
  }
}

function pendingText({ status, spec }: Rollout, at: number, wave: RolloutStatus['waves'][number] | undefined): string[] {
  const lines: string[] = [];
  if (status.phase === 'paused') lines.push(`The rollout is paused: ${status.why}. Nobody gets an order until a person resumes it.`);
  else if (status.phase !== 'running') return [`The rollout is ${status.phase.replaceAll('_', ' ')}: nobody new gets an order.`];
  if (wave?.state === 'waiting') {
    const before = status.waves[at - 1];
    const open = status.waves.findLast((each) => each.state === 'open');
    if (wave.manual && before?.state === 'settled') lines.push(`Its wave ${wave.name} begins when a person lets it.`);
    else if (open) lines.push(`Its wave ${wave.name} has not begun: ${open.name} is open, where ${outcomeText(outcomeGate(open.counts, open.targets, spec.failures))}. The next opens when its gates have passed.`);
    else lines.push(`Its wave ${wave.name} has not begun.`);
    return lines;
  }
  const most = spec.maxInFlight ?? 100;
  if (status.inFlight >= most) lines.push(`${status.inFlight.toLocaleString()} are under way, which is the most (maxInFlight ${most.toLocaleString()}); it follows when one has its outcome.`);
  else if (spec.perMinute !== undefined) lines.push(`Its wave is open; orders go out at ${spec.perMinute.toLocaleString()} a minute (perMinute).`);
  else if (lines.length === 0) lines.push('Its wave is open, and its order is next in turn.');
  return lines;
}

function waitingHelp(reason: string | undefined): string {
  switch (reason) {
    case 'window':
      return 'It gets its order when its window opens, by the clock of its zone.';
    case 'busy':
      return 'When the other rollout lets it go it is its turn; or take it out here.';
    case 'maintenance':
      return 'It is in maintenance; it goes on when that has ended.';
    case 'unsafe':
      return 'Its type says when it is safe to change; it is asked again.';
    case 'crowded':
      return 'It goes on when another one at its place has its outcome.';
    default:
      return '';
  }
}
