import type { Command } from '../../api/hooks';

export type Backlog = { queued: number; pending: number; sent: number; running: number; oldest: string | undefined };

/** Open commands by where they are on their way; a pending one that was handed over waits for an answer. */
export function backlog(open: Pick<Command, 'status' | 'sentAt' | 'pendingAt' | 'createdAt'>[]): Backlog {
  const found: Backlog = { queued: 0, pending: 0, sent: 0, running: 0, oldest: undefined };
  for (const command of open) {
    if (command.status === 'queued') found.queued++;
    else if (command.status === 'accepted' || command.status === 'running') found.running++;
    else if (command.sentAt !== undefined) found.sent++;
    else {
      found.pending++;
      const since = command.pendingAt ?? command.createdAt;
      if (found.oldest === undefined || since < found.oldest) found.oldest = since;
    }
  }
  return found;
}
