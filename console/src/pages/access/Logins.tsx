import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client';
import { leave, useMe } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';

type Login = { openedAt: string; lastUsedAt: string; expiresAt: string; current: boolean };

const COLUMNS: Column<Login>[] = [
  { key: 'opened', title: 'Opened', width: 'minmax(9.5rem, 1fr)', cell: (row) => <><Ago at={row.openedAt} />{row.current && <b> this one</b>}</> },
  { key: 'used', title: 'Last used', width: 'minmax(7rem, 1fr)', cell: (row) => <Ago at={row.lastUsedAt} /> },
  { key: 'ends', title: 'Ends at the latest', width: 'minmax(8rem, 1fr)', cell: (row) => <Ago at={row.expiresAt} />, wide: true },
];

/** Where one is logged in with one's token, and how to end that. */
export function Logins() {
  const me = useMe();
  const [asks, setAsks] = useState(false);
  const answer = useQuery({ queryKey: ['sessions'], queryFn: () => data(api.GET('/api/v1/sessions')), refetchInterval: 30_000 });
  if (answer.error) return <Problem what="Your logins cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="loading your logins…" />;
  const open = answer.data.length;
  return (
    <Stack gap="sm">
      <Card>
        <Group justify="space-between">
          <Text size="sm">{open.toLocaleString()} {open === 1 ? 'browser is' : 'browsers are'} logged in as {called(me.name)}. Each ends when it is idle, at the latest at the time shown, and at once when its token is revoked.</Text>
          <Group gap="xs">
            <Button variant="default" onClick={() => void leave(false)}>Log out here</Button>
            <Button color="red" variant="light" onClick={() => setAsks(true)}>Log out everywhere…</Button>
          </Group>
        </Group>
      </Card>
      <DataTable label="logins" columns={COLUMNS} rows={answer.data} rowKey={(row) => `${row.openedAt} ${row.expiresAt}`} />
      <CommandLine label="same by curl" command={`curl -X DELETE -H "Authorization: Bearer $MUSTER_TOKEN" ${window.location.origin}/api/v1/sessions`} />
      {asks && (
        <Ask
          verb="Log out everywhere:"
          name={me.name}
          consequence={`${open.toLocaleString()} ${open === 1 ? 'login ends' : 'logins end'} at once, this one too. The token stays good: whoever holds it can log in again; revoke it if it was lost.`}
          act={() => leave(true)}
          onClose={() => setAsks(false)}
        />
      )}
    </Stack>
  );
}
