import { Button, Card, Group, Stack, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { usePages, type Asset, type Command } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { DataTable } from '../../ui/table';
import { CommandDrawer } from '../commands/CommandDrawer';
import { COMMAND_COLUMNS } from '../commands/columns';
import { RunCommand } from '../commands/RunCommand';
import { Waiting } from './Waiting';

const route = getRouteApi('/assets/$id');

/** What the asset was told to do, and what became of it. */
export function Commands({ asset }: { asset: Asset }) {
  const { command } = route.useSearch();
  const navigate = useNavigate({ from: '/assets/$id' });
  const lacks = useMay('command');
  const [form, { open, close }] = useDisclosure(false);
  const list = usePages<Command>(['commands', 'of', asset.id], '/api/v1/commands', { asset: asset.id, limit: 100 }, 5_000);
  const show = (id: string | undefined) =>
    void navigate({ search: ({ command: _, ...before }) => ({ ...before, ...(id === undefined ? {} : { command: id }) }), replace: true });
  return (
    <Stack gap="sm">
      <Group justify="flex-end">
        <Tooltip label={lacks} disabled={lacks === undefined}>
          <Button leftSection={<IconPlayerPlay size={16} />} disabled={lacks !== undefined} onClick={open}>Run a command</Button>
        </Tooltip>
      </Group>
      <Waiting asset={asset} />
      {list.error ? (
        <Problem what="The commands cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading commands…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="No command yet">What {asset.id} can be told is declared in its type, {asset.type}. Run one with the button above.</Empty></Card>
      ) : (
        <DataTable
          label="commands"
          columns={COMMAND_COLUMNS.filter((column) => column.key !== 'asset')}
          rows={list.rows}
          rowKey={(row) => row.id}
          onOpen={(row) => show(row.id)}
          more={() => void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          busy={list.isFetchingNextPage}
        />
      )}
      <CommandLine label="same by command" command={`muster commands --asset ${asset.id}`} />
      {form && <RunCommand asset={asset} onClose={close} />}
      <CommandDrawer id={command} onClose={() => show(undefined)} onShow={show} />
    </Stack>
  );
}
