import { Badge, Card, Group, Select, Stack, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import classes from './certificates.module.css';
import { BUCKETS, heights } from './expiry';

type Certificate = Schemas['Certificate'];
const route = getRouteApi('/certificates');

export function stateOf(certificate: Certificate, now: number): string {
  if (certificate.revokedAt) return 'revoked';
  if (new Date(certificate.notAfter).getTime() <= now) return 'expired';
  return certificate.supersededBy ? 'superseded' : 'valid';
}

export const CERTIFICATE_COLUMNS: Column<Certificate>[] = [
  { key: 'asset', title: 'Asset', width: 'minmax(8rem, min(22rem, 26%))', cell: (row) => <Link to="/assets/$id" params={{ id: row.asset }} className="plain"><b>{row.asset}</b></Link> },
  { key: 'state', title: 'State', width: '8.5rem', cell: (row) => <State value={stateOf(row, Date.now())} {...(row.revokedReason ? { title: row.revokedReason } : {})} /> },
  { key: 'ends', title: 'Ends', width: '7rem', cell: (row) => <Ago at={row.notAfter} /> },
  { key: 'issued', title: 'Issued', width: '7rem', cell: (row) => <Ago at={row.issuedAt} />, wide: true },
  { key: 'origin', title: 'By', width: 'minmax(7rem, min(12rem, 13%))', cell: (row) => row.origin.replaceAll(/[-_]/g, ' '), wide: true },
  { key: 'serial', title: 'Serial', width: 'minmax(10rem, 2fr)', cell: (row) => <Text size="xs" ff="monospace" truncate>{row.serial}</Text>, wide: true },
];

/** Of all: the command line narrows none. */
const COMMAND = 'muster get certificates';

const STATES = [
  { value: 'current', label: 'current' },
  { value: 'expired', label: 'expired, and no other followed' },
  { value: 'superseded', label: 'superseded' },
  { value: 'revoked', label: 'revoked' },
];

export default function Certificates() {
  const { state, from, to, asset } = route.useSearch();
  const navigate = useNavigate({ from: '/certificates' });
  const change = (part: { state?: string; from?: string; to?: string; asset?: string }) =>
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value)), replace: true });
  const typed = useDebouncedCallback((wanted: string) => change({ asset: wanted }), 350);
  const list = usePages<Certificate>(['certificates'], '/api/v1/certificates', { state, expiresFrom: from, expiresBefore: to, asset, limit: 200 }, 60_000);
  const narrowed = state !== undefined || from !== undefined || to !== undefined || asset !== undefined;
  return (
    <Page title="Certificates" note="the earliest end first; assets renew by themselves at two thirds of a certificate's life" actions={<CopyAs path={`/api/v1/certificates?${new URLSearchParams(Object.entries({ state, expiresFrom: from, expiresBefore: to, asset }).filter((pair): pair is [string, string] => pair[1] !== undefined))}`} {...(!narrowed && { command: COMMAND })} />}>
      <Expiry from={from} to={to} show={(bucket) => change(bucket)} />
      <Group gap="xs" align="flex-end">
        <TextInput data-search label="Asset" placeholder="its id" defaultValue={asset ?? ''} onChange={(event) => typed(event.currentTarget.value.trim())} />
        <Select label="State" placeholder="any" clearable w={240} data={STATES} value={state ?? null} onChange={(wanted) => change({ state: wanted ?? '' })} />
        {(from ?? to) !== undefined && <Badge size="lg" variant="light" radius="sm" tt="none" component="button" onClick={() => change({ from: '', to: '' })} style={{ cursor: 'pointer' }} aria-label="any end">{from ? <>ends from <Ago at={from} /></> : 'ended'}{to ? <> before <Ago at={to} /></> : ''} ×</Badge>}
      </Group>
      {list.error ? (
        <Problem what="The certificates cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading certificates…" />
      ) : list.rows.length === 0 ? (
        <Card>{narrowed ? <Empty title="No certificate matches">Change the fields above, or choose another bar.</Empty> : <Empty title="There is no certificate yet" command="muster claim-token create --type linux-device">An asset gets its first one with a claim token, and each further one by itself.</Empty>}</Card>
      ) : (
        <DataTable label="certificates" columns={CERTIFICATE_COLUMNS} rows={list.rows} rowKey={(row) => row.serial} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      {!narrowed && <CommandLine label="same by command" command={COMMAND} />}
    </Page>
  );
}

/** How many of the newest certificates end when; each bar leads to those behind it. */
function Expiry({ from, to, show }: { from: string | undefined; to: string | undefined; show: (bucket: { from: string; to: string; state: string }) => void }) {
  const answer = useQuery({ queryKey: ['certificates', 'expiry'], queryFn: () => data(api.GET('/api/v1/certificates/expiry')), refetchInterval: 60_000 });
  if (answer.error) return <Problem what="When certificates end cannot be counted" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="counting certificates…" />;
  const { buckets, complete } = answer.data;
  const bars = heights(buckets.map((bucket) => bucket.certificates));
  return (
    <Card padding="sm">
      <Stack gap={6}>
        <Text size="sm" fw={600}>The newest certificate of each asset ends</Text>
        <div className={classes.bars} role="group" aria-label="certificates by when they end">
          {buckets.map((bucket, index) => {
            const about = BUCKETS[index] ?? { title: '', urgent: 0 };
            const chosen = (from ?? to) !== undefined && sameDay(bucket.from, from) && sameDay(bucket.to, to);
            const color = bucket.certificates === 0 ? 'gray' : about.urgent === 2 ? 'red' : about.urgent === 1 ? 'orange' : 'cyan';
            return (
              <Tooltip key={index} label={`${bucket.certificates.toLocaleString()} ${bucket.certificates === 1 ? 'certificate' : 'certificates'}: ${about.title}`}>
                <UnstyledButton className={classes.bar ?? ''} data-chosen={chosen} aria-pressed={chosen} disabled={bucket.certificates === 0} onClick={() => show({ from: bucket.from ?? '', to: bucket.to ?? '', state: index === 0 ? 'expired' : 'current' })}>
                  <span className={`num ${classes.count}`}>{bucket.certificates.toLocaleString()}</span>
                  <span className={classes.column}><span style={{ '--size': `${bars[index] ?? 0}%`, background: `var(--mantine-color-${color}-6)` } as React.CSSProperties} /></span>
                  <span className={classes.title}>{about.title}</span>
                </UnstyledButton>
              </Tooltip>
            );
          })}
        </div>
        {!complete && <Text size="xs" c="dimmed">Your scope has so many that only those that end first were counted.</Text>}
      </Stack>
    </Card>
  );
}

/** The edges move with the clock of the server; what was chosen stays marked for a while all the same. */
function sameDay(one: string | undefined, other: string | undefined): boolean {
  if (!one || !other) return !one && !other;
  return Math.abs(new Date(one).getTime() - new Date(other).getTime()) < 3_600_000;
}
