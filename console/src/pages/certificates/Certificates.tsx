import { Card, SegmentedControl, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';

type Certificate = Schemas['Certificate'];

export function stateOf(certificate: Certificate, now: number): string {
  if (certificate.revokedAt) return 'revoked';
  if (new Date(certificate.notAfter).getTime() <= now) return 'expired';
  return certificate.supersededBy ? 'superseded' : 'valid';
}

export const CERTIFICATE_COLUMNS: Column<Certificate>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(8rem, 2fr)', cell: (row) => <Link to="/assets/$id" params={{ id: row.asset }} className="plain"><b>{row.asset}</b></Link> },
  { key: 'state', title: 'State', width: '8.5rem', cell: (row) => <State value={stateOf(row, Date.now())} {...(row.revokedReason ? { title: row.revokedReason } : {})} /> },
  { key: 'ends', title: 'Ends', width: '7rem', cell: (row) => <Ago at={row.notAfter} /> },
  { key: 'issued', title: 'Issued', width: '7rem', cell: (row) => <Ago at={row.issuedAt} />, wide: true },
  { key: 'origin', title: 'By', width: 'minmax(7rem, 1fr)', cell: (row) => row.origin.replaceAll('_', ' '), wide: true },
  { key: 'serial', title: 'Serial', width: 'minmax(10rem, 2fr)', cell: (row) => <Text size="xs" ff="monospace" truncate>{row.serial}</Text>, wide: true },
];

const DAYS: Record<string, number | undefined> = { 'in 7 days': 7, 'in 30 days': 30, all: undefined };

export default function Certificates() {
  const [within, setWithin] = useState('in 30 days');
  const days = DAYS[within];
  const before = useMemo(() => (days === undefined ? undefined : new Date(Date.now() + days * 86_400_000).toISOString()), [days]);
  const list = usePages<Certificate>(['certificates'], '/api/v1/certificates', { expiresBefore: before, limit: 200 }, 60_000);
  return (
    <Page title="Certificates" note="the earliest end first" actions={<SegmentedControl aria-label="ends" data={Object.keys(DAYS)} value={within} onChange={setWithin} />}>
      {list.error ? (
        <Problem what="The certificates cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading certificates…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title={days === undefined ? 'There is no certificate yet' : `No certificate ends ${within}`}>Assets renew by themselves at two thirds of a certificate's life; whoever does not appears here.</Empty></Card>
      ) : (
        <DataTable label="certificates" columns={CERTIFICATE_COLUMNS} rows={list.rows} rowKey={(row) => row.serial} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get certificates" />
    </Page>
  );
}
