import type { Schemas } from '../../api/client';
import { inOurTime } from '../../ui/time';
import { many } from '../../ui/words';
import { about, heldBy, type Alert } from '../alerts/alert';
import type { Incident } from '../incidents/incident';
import type { Rollout } from '../rollouts/rollout';

type Common = {
  key: string;
  title: string;
  /** What it is about, in a few words. */
  about: string;
  severity: string;
  state: string;
  /** Who looks after it; empty for nobody. */
  owner: string;
  since: string;
};
export type Need = Common & ({ kind: 'incident'; incident: Incident } | { kind: 'alert'; alert: Alert } | { kind: 'rollout'; rollout: Rollout });

const SEVERITIES = ['critical', 'page', 'major', 'ticket', 'minor', 'info'];
const KINDS = ['incident', 'alert', 'rollout'];

/** Everything that may need somebody, what nobody looks after first, then by how bad it is, then the newest. */
export function needsOf(incidents: Incident[], alerts: Alert[], rollouts: Rollout[]): Need[] {
  const needs: Need[] = [
    ...incidents.map((incident): Need => ({
      kind: 'incident', incident, key: incident.name, title: `${incident.name} ${inOurTime(incident.title)}`, about: incident.assets === 0 ? '' : many(incident.assets, 'asset'),
      severity: incident.severity, state: incident.state, owner: incident.owner, since: incident.evidenceAt,
    })),
    ...alerts.map((alert): Need => ({
      kind: 'alert', alert, key: `alert-${alert.fingerprint}`, title: `${alert.name}: ${alert.summary}`, about: about(alert),
      severity: alert.severity, state: alert.unknownSince ? 'unknown' : (heldBy(alert) ?? alert.state), owner: alert.acknowledgement?.by ?? '', since: alert.since,
    })),
    ...rollouts.filter(({ status }) => status.phase === 'paused').map((rollout): Need => ({
      kind: 'rollout', rollout, key: `rollout-${rollout.name}`, title: `${rollout.name} waits: ${rollout.status.why}`, about: rollout.status.wave === undefined ? many(rollout.status.targets, 'target') : `wave ${rollout.status.wave}`,
      severity: 'ticket', state: 'paused', owner: '', since: rollout.status.since,
    })),
  ];
  return needs.sort(
    (one, other) =>
      Number(settled(one)) - Number(settled(other)) ||
      rank(SEVERITIES, one.severity) - rank(SEVERITIES, other.severity) ||
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
      new Date(other.since).getTime() - new Date(one.since).getTime() ||
      one.key.localeCompare(other.key),
  );
}

/** Somebody looks after it, or nobody has to now. */
export function settled(need: Need): boolean {
  if (need.kind === 'incident') return need.state !== 'open';
  return need.owner !== '' || need.state === 'silenced' || need.state === 'inhibited';
}

function rank(order: string[], of: string): number {
  const place = order.indexOf(of);
  return place < 0 ? order.length : place;
}

/** Where j and k lead to; the ends hold. */
export function step(needs: { key: string }[], at: string | undefined, by: 1 | -1): string | undefined {
  const here = needs.findIndex(({ key }) => key === at);
  if (here < 0) return needs[0]?.key;
  return needs[Math.min(Math.max(here + by, 0), needs.length - 1)]?.key;
}

/** Why it cannot be acknowledged, or undefined when it can. */
export function cannotAcknowledge(need: Need): string | undefined {
  if (need.kind === 'rollout') return 'a rollout is not acknowledged: open it, and resume, abort or roll it back';
  if (need.kind === 'incident') return need.state === 'open' ? undefined : `it is ${need.state} already`;
  if (need.owner !== '') return `${need.owner} looks after it`;
  return need.alert.state === 'firing' ? undefined : `it does not fire: it is ${need.alert.state}`;
}

/** Labels that a runbook would be started with by hand for this. */
export function labelsOf(need: Need): Record<string, string> {
  if (need.kind === 'alert') return need.alert.labels;
  if (need.kind === 'rollout') return { rollout: need.rollout.name };
  return {};
}

type Spec = { triggers?: { alert?: Record<string, string> }[] };

/** Whether a trigger of the runbook is for these labels: a * stands for anything that is there. */
export function isFor(book: Pick<Schemas['DeclaredObject'], 'spec'>, labels: Record<string, string>): boolean {
  return ((book.spec as Spec | undefined)?.triggers ?? []).some(
    ({ alert }) => alert !== undefined && Object.entries(alert).every(([label, value]) => (value === '*' ? labels[label] !== undefined : labels[label] === value)),
  );
}
