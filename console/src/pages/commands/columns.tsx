import type { Command } from '../../api/hooks';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import type { Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called, saidAs } from '../../ui/words';

/** Why a command is as it is: the server's reason, else the first line of what the asset said. */
export function said(command: Command): string {
  if (command.reason) return command.reason;
  if (command.output) return command.output.split('\n', 1)[0] ?? '';
  if (command.detail === undefined || command.detail === null) return '';
  const { reason, output } = command.detail as { reason?: unknown; output?: unknown };
  if (typeof reason === 'string') return reason;
  return typeof output === 'string' ? output : saidAs(command.detail);
}

export const COMMAND_COLUMNS: Column<Command>[] = [
  { key: 'name', title: 'Command', width: 'minmax(5.75rem, 1.5fr)', cell: (row) => <b>{row.name}</b> },
  { key: 'asset', title: 'Asset', width: 'minmax(6.25rem, 1.5fr)', cell: (row) => <LinkText to="/assets/$id" params={{ id: row.asset }} search={{ tab: 'commands' }} size="sm">{row.asset}</LinkText> },
  { key: 'status', title: 'State', width: '8.5rem', cell: (row) => <State value={row.status} {...(row.late ? { title: 'after its deadline' } : {})} /> },
  { key: 'created', title: 'Given', width: '6.5rem', cell: (row) => <Ago at={row.createdAt} />, wide: true },
  { key: 'by', title: 'By', width: 'minmax(6rem, 1fr)', cell: (row) => <span title={row.createdBy}>{called(row.createdBy)}</span>, wide: true },
  { key: 'said', title: 'Result', width: 'minmax(10rem, 3fr)', cell: (row) => said(row), wide: true },
];
