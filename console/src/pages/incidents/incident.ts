import type { Schemas } from '../../api/client';
import { line } from '../../ui/shell';
import { span } from '../../ui/time';

export type Incident = Schemas['Incident'];
type Timed = Pick<Incident, 'evidenceAt' | 'detectedAt' | 'notifiedAt' | 'acknowledgedAt' | 'mitigatedAt' | 'resolvedAt'>;

export type Mark = { title: string; at: string | undefined; text: string };

/** Since the first sign, when each thing was reached; what was not says how long it has been waited for. */
export function marks(incident: Timed, now: number): Mark[] {
  const from = new Date(incident.evidenceAt).getTime();
  const over = incident.resolvedAt !== undefined;
  const mark = (title: string, at: string | undefined, none: string): Mark => ({
    title,
    at,
    text: at !== undefined ? span((new Date(at).getTime() - from) / 1000) : over ? none : `not yet, for ${span((now - from) / 1000)}`,
  });
  return [
    mark('to detect', incident.detectedAt, '–'),
    mark('to notify', incident.notifiedAt, 'nobody was told'),
    mark('to acknowledge', incident.acknowledgedAt, 'nobody had to'),
    mark('to mitigate', incident.mitigatedAt, 'with the close'),
    mark('to close', incident.resolvedAt, '–'),
  ];
}

export type Act = {
  path: 'acknowledge' | 'mitigate' | 'resolve' | 'reopen';
  title: string;
  consequence: string;
  says?: { label: string; description: string; required?: boolean };
  /** May be insisted on while alerts of it fire. */
  forced?: boolean;
};

const REASON = { label: 'Reason', description: 'stands in the timeline and in the audit trail' };
const ACKNOWLEDGE: Act = { path: 'acknowledge', title: 'Acknowledge', consequence: 'Says that you look after it: its owner is you where it has none. Nothing is sent to any asset.' };
const MITIGATE: Act = { path: 'mitigate', title: 'Mitigate', consequence: 'Says that users feel it no more, though it is not mended. When an alert fires again before the end, it is open again.', says: REASON };
const RESOLVE: Act = { path: 'resolve', title: 'Resolve', consequence: 'Says that it is mended, and closes it: its time to close ends now. While an alert of it fires this has to be insisted on. An alert that comes back within an hour opens it again.', says: { ...REASON, required: true }, forced: true };
const REOPEN: Act = { path: 'reopen', title: 'Reopen', consequence: 'Opens it again: its time to close goes on as if it had never been closed, and rollouts wait for its assets again.', says: { ...REASON, required: true } };

/** What a person may do, by where it stands; one that nobody owns can be taken in every state. */
export function actsOf(state: string, owner = '?'): Act[] {
  const take = owner === '' ? [ACKNOWLEDGE] : [];
  switch (state) {
    case 'open':
      return [ACKNOWLEDGE, MITIGATE, RESOLVE];
    case 'acknowledged':
      return [...take, MITIGATE, RESOLVE];
    case 'mitigated':
      return [...take, RESOLVE];
    case 'resolved':
      return [REOPEN];
    default:
      return [];
  }
}

/** The same for a shell. */
export function commandOf(act: Act, name: string, reason: string, force: boolean): string {
  const verb = act.path === 'acknowledge' ? 'ack' : act.path;
  return line('muster', 'incident', verb, name, ...(act.says === undefined ? [] : reason !== '' ? ['--reason', reason] : act.says.required ? ['--reason', 'REASON'] : []), force ? '--force' : undefined);
}

/** Those that are not over, the newest first, then those that are. */
export function openFirst<T extends Pick<Incident, 'state'>>(incidents: T[]): T[] {
  return [...incidents.filter(({ state }) => state !== 'resolved'), ...incidents.filter(({ state }) => state === 'resolved')];
}

/** What people write of a postmortem, in the order of its page. */
export const SECTIONS = [
  { name: 'summary', title: 'Summary', asks: 'in two sentences, for somebody who was not there' },
  { name: 'impact', title: 'Impact', asks: 'who noticed, and what they could not do' },
  { name: 'cause', title: 'Cause', asks: 'what led to it; systems and decisions, not people' },
  { name: 'wentWell', title: 'What went well', asks: '' },
  { name: 'wentBadly', title: 'What went badly', asks: '' },
  { name: 'lessons', title: 'Lessons', asks: 'what to do about them stands among the actions' },
] as const;

/** The sections that are not as they were. */
export function changed(typed: Record<string, string>, kept: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(typed).filter(([name, text]) => text.trim() !== (kept[name] ?? '').trim()));
}

export function overdue(action: { due: string; doneAt?: string | undefined }, today: string): boolean {
  return action.doneAt === undefined && action.due < today;
}
