import type { Schemas } from '../../api/client';
import { called, many } from '../../ui/words';

export type Entry = Schemas['AuditEntry'];

type Told = Record<string, unknown>;

const told = (value: unknown): Told => (value !== null && typeof value === 'object' ? (value as Told) : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What people call the object: of one that has only an id, what the entry itself says of it. */
export function nameOf(entry: Entry): string {
  const { objectKind, objectName } = entry;
  const is = { ...told(entry.before), ...told(entry.after) };
  switch (objectKind) {
    case 'silence':
      return text(is.comment) ?? (Array.isArray(is.matchers) ? is.matchers.join(', ') : short(objectName));
    case 'import':
      return typeof is.created === 'number' && typeof is.updated === 'number' ? `${many(is.created, 'asset')} new, ${is.updated.toLocaleString()} changed` : short(objectName);
    case 'asset-change':
      return text(told(is.selection).selector) ?? short(objectName);
    default:
      return UUID.test(objectName) ? (text(is.name) ?? short(objectName)) : objectKind === 'token' ? called(objectName) : short(objectName);
  }
}

/** An id or a hash, to be told from the next one; the whole is where the entry is opened. */
function short(name: string): string {
  if (UUID.test(name)) return `…${name.slice(-12)}`;
  return /^[0-9a-f]{40,}$/.test(name) ? `${name.slice(0, 12)}…` : name;
}

/** What people call who did it: a claim token is known by its name. */
export function actorOf(entry: Entry, claimTokens: ReadonlyMap<string, string>): string {
  return entry.actorKind === 'claim-token' ? `claim token ${claimTokens.get(entry.actor) ?? short(entry.actor)}` : called(entry.actor);
}

/** A kind of object, in words. */
export function kindOf(kind: string): string {
  return kind.replaceAll(/[-_]/g, ' ');
}

/** The run of a runbook that an entry tells of. */
export function runOf(entry: Entry): string | undefined {
  return entry.objectKind === 'runbook' ? text(told(entry.after).run) : undefined;
}
