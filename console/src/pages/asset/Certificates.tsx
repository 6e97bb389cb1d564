import { Card } from '@mantine/core';
import { usePages } from '../../api/hooks';
import type { Schemas } from '../../api/client';
import { Empty, Loading, Problem } from '../../ui/feedback';
import { DataTable } from '../../ui/table';
import { CERTIFICATE_COLUMNS } from '../certificates/Certificates';

export function Certificates({ id }: { id: string }) {
  const list = usePages<Schemas['Certificate']>(['certificates'], '/api/v1/certificates', { asset: id, limit: 100 }, 30_000);
  if (list.error) return <Problem what="The certificates cannot be shown" error={list.error} />;
  if (list.isPending) return <Loading what="loading certificates…" />;
  if (list.rows.length === 0) {
    return <Card><Empty title="It has no certificate" command={`muster asset credentials ${id} --out ${id}`}>A device gets one by a claim token (EST); for a first try by hand:</Empty></Card>;
  }
  return <DataTable label="certificates" columns={CERTIFICATE_COLUMNS.filter((column) => column.key !== 'asset')} rows={list.rows} rowKey={(row) => row.serial} />;
}
