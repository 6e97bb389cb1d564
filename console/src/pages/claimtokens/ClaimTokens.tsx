import { Alert, Button, Card, Modal, NumberInput, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { useAssetTypes, usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useLacks } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';

type ClaimToken = Schemas['ClaimToken'];

export default function ClaimTokens() {
  const lacks = useLacks('operator');
  const [open, { open: show, close }] = useDisclosure(false);
  const queries = useQueryClient();
  const list = usePages<ClaimToken>(['claim-tokens'], '/api/v1/claim-tokens', { limit: 200 }, 30_000);
  const revoke = useMutation({
    mutationFn: (id: string) => raw('DELETE', `/api/v1/claim-tokens/${encodeURIComponent(id)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['claim-tokens'] }),
  });
  const columns: Column<ClaimToken>[] = [
    { key: 'name', title: 'Name', width: 'minmax(8rem, 2fr)', cell: (row) => <b>{row.name}</b> },
    { key: 'state', title: 'State', width: '8rem', cell: (row) => <State value={row.state} /> },
    { key: 'type', title: 'Type', width: 'minmax(6rem, 1fr)', cell: (row) => row.type, wide: true },
    { key: 'uses', title: 'Used', width: '6rem', numeric: true, cell: (row) => `${row.used} of ${row.uses}` },
    { key: 'ends', title: 'Ends', width: '7rem', cell: (row) => <Ago at={row.expiresAt} />, wide: true },
    { key: 'by', title: 'Made by', width: 'minmax(6rem, 1fr)', cell: (row) => row.createdBy, wide: true },
    {
      key: 'revoke',
      title: '',
      width: '6rem',
      cell: (row) =>
        row.revokedAt ? null : (
          <Button size="compact-xs" variant="subtle" color="red" disabled={lacks !== undefined} loading={revoke.isPending && revoke.variables === row.id} onClick={() => revoke.mutate(row.id)}>
            Revoke
          </Button>
        ),
    },
  ];
  const add = (
    <Tooltip label={lacks} disabled={lacks === undefined}>
      <Button leftSection={<IconPlus size={16} />} onClick={show} disabled={lacks !== undefined}>New claim token</Button>
    </Tooltip>
  );
  return (
    <Page title="Enrolment" note="claim tokens: with one a new device gets its first certificate" actions={add}>
      {revoke.error && <Problem what="The token was not revoked" error={revoke.error} />}
      {list.error ? (
        <Problem what="The claim tokens cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading claim tokens…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="There is no claim token" command="muster claim-token create --type linux-device --uses 10">Make one, put it on the devices, and they enrol by themselves.</Empty></Card>
      ) : (
        <DataTable label="claim tokens" columns={columns} rows={list.rows} rowKey={(row) => row.id} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <Modal opened={open} onClose={close} title="New claim token"><NewClaimToken onDone={close} /></Modal>
    </Page>
  );
}

function NewClaimToken({ onDone }: { onDone: () => void }) {
  const types = useAssetTypes();
  const queries = useQueryClient();
  const [type, setType] = useState<string | null>(null);
  const [uses, setUses] = useState<number | string>(1);
  const [expiresIn, setExpiresIn] = useState('24h');
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => data(api.POST('/api/v1/claim-tokens', { body: { type: type ?? '', uses: Number(uses), expiresIn, allowReenrol: false, ...(name && { name }) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['claim-tokens'] }),
  });
  if (create.data) {
    return (
      <Stack>
        <Alert color="teal" title="Shown this once">Copy it now; the server keeps only its hash.</Alert>
        <CommandLine command={create.data.token} />
        <Text size="sm" c="dimmed">On a Linux device:</Text>
        <CommandLine command={`muster agent --server ${window.location.hostname} --token ${create.data.token}`} />
        <Button onClick={onDone}>Done</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <Stack>
        <Select label="Type of the assets" required data={types.data ?? []} value={type} onChange={setType} />
        <NumberInput label="Uses" description="how many devices may enrol with it" min={1} max={100_000} value={uses} onChange={setUses} />
        <TextInput label="Valid for" description="such as 30m, 24h, 7d" value={expiresIn} onChange={(event) => setExpiresIn(event.currentTarget.value)} />
        <TextInput label="Name" description="so that you know it again" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {create.error && <Problem what="The token was not made" error={create.error} />}
        <Button type="submit" loading={create.isPending} disabled={type === null}>Make it</Button>
        {type && <CommandLine label="same by command" command={`muster claim-token create --type ${type} --uses ${uses} --expires-in ${expiresIn}`} />}
      </Stack>
    </form>
  );
}
