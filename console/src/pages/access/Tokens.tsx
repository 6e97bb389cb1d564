import { Alert, Button, Card, Group, Modal, Select, Stack, Switch, Text, TextInput, Textarea, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay, useMe } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago, useNow } from '../../ui/time';
import { called, many } from '../../ui/words';
import { useCount } from '../rollouts/new/Who';

type Token = Schemas['Token'];
const route = getRouteApi('/access');

function stateOf(token: Token, now: number): string {
  if (token.revokedAt) return 'revoked';
  return token.expiresAt && new Date(token.expiresAt).getTime() <= now ? 'expired' : 'valid';
}

/** API tokens: whoever holds one acts by its name. */
export function Tokens() {
  const lacks = useMay('token', 'read');
  const mayNot = useMay('token');
  const me = useMe();
  const now = useNow();
  const { revoked } = route.useSearch();
  const navigate = useNavigate({ from: '/access' });
  const [open, { open: show, close }] = useDisclosure(false);
  const [ends, setEnds] = useState<Token>();
  if (lacks !== undefined) return <Card><Empty title="Tokens are for administrators">{lacks}. Your own logins are under Logins; what your role may do is under Roles.</Empty></Card>;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Switch label="show revoked ones" checked={revoked === 'true'} onChange={(event) => void navigate({ search: (before) => ({ ...before, revoked: event.currentTarget.checked ? 'true' : undefined }) as typeof before, replace: true })} />
        <Tooltip label={mayNot} disabled={mayNot === undefined}><Button leftSection={<IconPlus size={16} />} disabled={mayNot !== undefined} onClick={show}>New token</Button></Tooltip>
      </Group>
      <List revoked={revoked === 'true'} me={me.name} now={now} onRevoke={setEnds} />
      <CommandLine label="same by command" command="muster get tokens" />
      <Modal opened={open} onClose={close} title="New token" size="lg"><NewToken onDone={close} /></Modal>
      {ends && <Revoke token={ends} own={ends.name === me.name} onClose={() => setEnds(undefined)} />}
    </Stack>
  );
}

function List({ revoked, me, now, onRevoke }: { revoked: boolean; me: string; now: number; onRevoke: (token: Token) => void }) {
  const list = usePages<Token>(['tokens'], '/api/v1/tokens', { revoked: revoked ? 'true' : undefined, limit: 200 }, 30_000);
  const columns: Column<Token>[] = [
    { key: 'name', title: 'Name', width: 'minmax(8rem, min(22rem, 26%))', cell: (row) => <><b title={row.name}>{called(row.name)}</b>{row.name === me && <Text span size="xs" c="dimmed"> you</Text>}</> },
    { key: 'state', title: 'State', width: '7.5rem', cell: (row) => <State value={stateOf(row, now)} {...(row.revokedBy ? { title: `by ${row.revokedBy}` } : {})} /> },
    { key: 'role', title: 'Role', width: '6.5rem', cell: (row) => row.role },
    { key: 'scope', title: 'Scope', width: 'minmax(8rem, 2fr)', cell: (row) => (row.scope ? <Text size="xs" ff="monospace" truncate title={row.scope}>{row.scope}</Text> : 'all assets'), wide: true },
    { key: 'used', title: 'Last used', width: '7rem', cell: (row) => <Ago at={row.lastUsedAt} />, wide: true },
    { key: 'ends', title: 'Ends', width: '7rem', cell: (row) => <Ago at={row.expiresAt} />, wide: true },
    { key: 'by', title: 'Made', width: 'minmax(7rem, 1fr)', cell: (row) => <span title={`by ${row.createdBy}`}><Ago at={row.createdAt} /></span>, wide: true },
    { key: 'revoke', title: '', width: '6.5rem', cell: (row) => (row.revokedAt ? null : <Button size="compact-xs" variant="subtle" color="red" onClick={() => onRevoke(row)}>Revoke…</Button>) },
  ];
  if (list.error) return <Problem what="The tokens cannot be shown" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading tokens…" />;
  if (list.rows.length === 0) return <Card><Empty title="There is no token of your scope">Make one for each person and each machine, so that the audit trail tells them apart.</Empty></Card>;
  return <DataTable label="tokens" columns={columns} rows={list.rows} rowKey={(row) => row.id} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />;
}

function Revoke({ token, own, onClose }: { token: Token; own: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <Confirm
      verb="Revoke"
      name={token.name}
      consequence={<><b>{own ? 'This is your own token: it logs you out at once, everywhere.' : `Everything that ${token.name} does ends at once, its logins included.`}</b> It cannot be taken back; whoever needs access again gets a new token. Last used: {token.lastUsedAt ? <Ago at={token.lastUsedAt} /> : 'never'}.</>}
      act={async () => {
        await raw('DELETE', `/api/v1/tokens/${encodeURIComponent(token.id)}`);
        await queries.invalidateQueries({ queryKey: ['tokens'] });
      }}
      onClose={onClose}
      command={() => line('muster', 'delete', 'token', token.id)}
    />
  );
}

const LIVES: Record<string, number | undefined> = { '1 day': 1, '30 days': 30, '90 days': 90, '1 year': 365, never: undefined };
const RANK = ['viewer', 'operator', 'admin'];
const ROLES: Record<string, string> = { viewer: 'sees', operator: 'sees and changes', admin: 'also overrules, and makes tokens' };

function NewToken({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [scope, setScope] = useState(me.scope ?? '');
  const [life, setLife] = useState('90 days');
  const selected = useCount(scope.trim() === '' ? undefined : scope);
  const create = useMutation({
    mutationFn: () => {
      const days = LIVES[life];
      return data(api.POST('/api/v1/tokens', { body: { name, role: role as 'viewer', ...(scope.trim() && { scope: scope.trim() }), ...(days !== undefined && { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }) } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  if (create.data) {
    return (
      <Stack>
        <Alert color="teal" title="Shown this once">Copy it now; the server keeps only its hash.</Alert>
        <CommandLine command={create.data.secret} />
        <Text size="sm" c="dimmed">With the command line, and by curl:</Text>
        <CommandLine command={`MUSTER_SERVER=${window.location.origin} MUSTER_TOKEN=${create.data.secret} muster get assets`} />
        <CommandLine command={`curl -H 'Authorization: Bearer ${create.data.secret}' ${window.location.origin}/api/v1/whoami`} />
        <Button onClick={onDone}>Done</Button>
      </Stack>
    );
  }
  const days = LIVES[life];
  return (
    <form onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <Stack>
        <TextInput label="Name" description="the audit trail calls whoever holds it so; of one token ever" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="Role" allowDeselect={false} value={role} onChange={(next) => setRole(next ?? 'viewer')} data={RANK.map((each) => ({ value: each, label: `${each}: ${ROLES[each]}`, disabled: RANK.indexOf(each) > RANK.indexOf(me.role) }))} />
        <Textarea label="Scope" description={me.scope ? 'your own scope: a token gives no more than it has' : 'selector of the assets that it may see and change; empty: all'} autosize minRows={1} spellCheck={false} disabled={me.scope !== undefined} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={scope} error={selected.error} onChange={(event) => setScope(event.currentTarget.value)} />
        {scope.trim() !== '' && selected.count !== undefined && <Text size="xs" c="dimmed" role="status">{many(selected.count, 'asset')} now</Text>}
        <Select label="Ends after" allowDeselect={false} data={Object.keys(LIVES)} value={life} onChange={(next) => setLife(next ?? '90 days')} {...(days === undefined ? { description: 'one that never ends is revoked by nobody, unless somebody thinks of it' } : {})} />
        {create.error && <Problem what="The token was not made" error={create.error} />}
        <Tooltip label="give it a name first" disabled={name !== ''}><Button type="submit" loading={create.isPending} disabled={name === ''}>Make it</Button></Tooltip>
        <CommandLine label="same by command" command={line('muster', 'token', 'create', name === '' ? 'NAME' : name, '--role', role, ...(scope.trim() ? ['--scope', scope.trim()] : []), ...(LIVES[life] === undefined ? [] : ['--expires', `${LIVES[life]}d`]))} />
      </Stack>
    </form>
  );
}
