import { ActionIcon, Card, Stack, Text, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { bytes } from '../../ui/size';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';

type AssetFile = Schemas['AssetFile'];

const COLUMNS: Column<AssetFile>[] = [
  { key: 'name', title: 'Name', width: 'minmax(9rem, 2fr)', cell: (row) => <Text size="sm" truncate title={row.name}>{row.name}</Text> },
  { key: 'kind', title: 'Kind', width: '6rem', cell: (row) => row.kind, wide: true },
  { key: 'size', title: 'Size', width: '5.5rem', cell: (row) => bytes(row.size), numeric: true },
  { key: 'taken', title: 'Taken', width: '7rem', cell: (row) => <Ago at={row.takenAt} /> },
  { key: 'until', title: 'Goes', width: 'minmax(7rem, 1fr)', cell: (row) => (row.hold ? <Text size="sm" truncate title={`by ${row.hold.by}`}>held: {row.hold.reason}</Text> : <Ago at={row.until} />), wide: true },
  { key: 'labels', title: 'Labels', width: 'minmax(6rem, 1fr)', cell: (row) => <Text size="xs" truncate>{Object.entries(row.labels).map(([key, value]) => `${key}=${value}`).join(' ')}</Text>, wide: true },
  {
    key: 'download', title: '', width: '3.75rem', cell: (row) => (
      <Tooltip label="download; the audit trail says that you did">
        <ActionIcon component="a" href={`/api/v1/files/${row.id}/content`} download={row.name} variant="subtle" aria-label={`download ${row.name}`}><IconDownload size={16} /></ActionIcon>
      </Tooltip>
    ),
  },
];

/** What the asset sent as a whole: log bundles, images, dumps. */
export function Files({ id }: { id: string }) {
  const lacks = useMay('file', 'read');
  if (lacks !== undefined) return <Card><Empty title="Files are not for everybody">They may show people, or hold secrets: seeing them {lacks}.</Empty></Card>;
  return <Listed id={id} />;
}

function Listed({ id }: { id: string }) {
  const list = usePages<AssetFile>(['files', 'of', id], '/api/v1/files', { asset: id, limit: 100 }, 15_000);
  if (list.error) return <Problem what="The files cannot be shown" error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="loading files…" />;
  if (list.rows.length === 0) {
    return (
      <Card>
        <Empty title="It has sent no file" command={`curl --cacert ca.crt --cert ${id}.crt --key ${id}.key --data-binary @log.tar.gz "https://SERVER:8443/v1/files?name=log.tar.gz&kind=log"`}>
          An asset sends log bundles, images or dumps with its certificate; large ones go on after a cut (tus).
        </Empty>
      </Card>
    );
  }
  return (
    <Stack gap="sm">
      <DataTable label="files" columns={COLUMNS} rows={list.rows} rowKey={(row) => row.id} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      <CommandLine label="same by command" command={`muster file list --asset ${id}`} />
    </Stack>
  );
}
