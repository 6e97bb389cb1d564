import { Card, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { raw } from '../../api/client';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { DataTable, type Column } from '../../ui/table';
import type { Release } from './Releases';
import { licences, matching, partsOf, type Part } from './sbom';

const route = getRouteApi('/releases/$name');

const COLUMNS: Column<Part>[] = [
  { key: 'name', title: 'Component', width: 'minmax(9rem, 2fr)', cell: (row) => <b>{row.name}</b> },
  { key: 'version', title: 'Version', width: 'minmax(5rem, 1fr)', cell: (row) => row.version || '–' },
  { key: 'licence', title: 'Licence', width: 'minmax(6rem, 1fr)', cell: (row) => row.licence || <Text span size="sm" c="dimmed">not said</Text> },
  { key: 'type', title: 'Type', width: '7rem', cell: (row) => row.type || '–', wide: true },
  { key: 'purl', title: 'Package URL', width: 'minmax(10rem, 3fr)', cell: (row) => <Text size="xs" ff="monospace" truncate title={row.purl}>{row.purl}</Text>, wide: true },
];

/** What it is made of; searched here, since the whole document is here. */
export function SbomTab({ release }: { release: Release }) {
  const files = release.files.filter((file) => file.kind === 'sbom').map((file) => file.path.slice(file.path.lastIndexOf('/') + 1));
  const [file, setFile] = useState(files[0]);
  const { part = '', licence } = route.useSearch();
  const navigate = useNavigate({ from: '/releases/$name' });
  const change = (fields: { part?: string; licence?: string }) => void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...fields }).filter(([, value]) => value)), replace: true });
  const document = useQuery({
    queryKey: ['releases', release.name, 'sbom', file],
    enabled: file !== undefined,
    staleTime: Infinity,
    queryFn: async () => partsOf(await (await raw('GET', `/api/v1/releases/${encodeURIComponent(release.name)}/sbom?file=${encodeURIComponent(file ?? '')}`)).json()),
  });
  const parts = document.data;
  const byLicence = useMemo(() => licences(parts ?? []), [parts]);
  const wanted = licence === 'not said' ? '' : licence;
  const found = useMemo(() => matching(parts ?? [], part, wanted), [parts, part, wanted]);
  if (files.length === 0) return <Card><Empty title="It was published without an SBOM" command="muster release create app@1.5.0 --artifact app.tar.gz --sbom bom.json">Give one (CycloneDX, JSON) when the release is made, and it is signed with it.</Empty></Card>;
  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end">
        {files.length > 1 && <Select label="File" data={files} value={file ?? null} allowDeselect={false} onChange={(next) => setFile(next ?? undefined)} />}
        <TextInput label="Component" placeholder="log4j, 2.14, pkg:npm" value={part} onChange={(event) => change({ part: event.currentTarget.value })} />
        <Select label="Licence" placeholder="any" clearable searchable w={240} data={byLicence.map((each) => ({ value: each.licence || 'not said', label: `${each.licence || 'not said'} (${each.count.toLocaleString()})` }))} value={licence ?? null} onChange={(next) => change({ licence: next ?? '' })} />
        {parts && <Text size="sm" c="dimmed" pb={6} role="status">{found.length.toLocaleString()} of {parts.length.toLocaleString()}</Text>}
      </Group>
      {document.error ? <Problem what="The SBOM cannot be shown" error={document.error} retry={() => void document.refetch()} /> : !parts ? <Loading what="reading the SBOM…" /> : found.length === 0 ? <Empty title="No component matches">Change the fields above.</Empty> : <DataTable label="components" columns={COLUMNS} rows={found} rowKey={(row) => row.key} />}
      <CommandLine label="same by command" command={line('muster', 'release', 'sbom', release.name)} />
    </Stack>
  );
}
