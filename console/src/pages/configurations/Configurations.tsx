import { Badge, Button, Card, Text, Tooltip } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { leaves } from '../../ui/pointer';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';

type Declared = Schemas['DeclaredObject'];
export type ConfigurationSpec = {
  target: { group?: string; asset?: string };
  precedence?: number;
  config?: unknown;
  software?: Record<string, string>;
  conflict?: string;
};

export function specOf(declared: Declared): ConfigurationSpec {
  return declared.spec as ConfigurationSpec;
}

export const CONFLICTS: Record<string, string> = { enforce: 'brought back', report: 'only shown', accept: 'accepted' };

/** Whom a configuration concerns. */
export function Target({ spec }: { spec: ConfigurationSpec }) {
  return spec.target.asset ? <LinkText to="/assets/$id" params={{ id: spec.target.asset }} search={{ tab: 'twin' }} size="sm">{spec.target.asset}</LinkText> : <>group {spec.target.group}</>;
}

const COLUMNS: Column<Declared>[] = [
  {
    key: 'name',
    title: 'Configuration',
    width: 'minmax(7.25rem, 2fr)',
    cell: (row) => (
      <>
        <Link to="/configurations/$name" params={{ name: row.metadata.name }} className="plain"><b>{row.metadata.name}</b></Link>{' '}
        {(row.status as { local?: boolean } | undefined)?.local && <Badge size="xs" variant="light" color="gray" radius="sm" tt="none">changed on the asset</Badge>}
      </>
    ),
  },
  { key: 'target', title: 'For', width: 'minmax(6.5rem, 1.5fr)', cell: (row) => <Target spec={specOf(row)} /> },
  { key: 'precedence', title: 'Precedence', width: '7rem', numeric: true, cell: (row) => specOf(row).precedence ?? '–', wide: true },
  { key: 'fields', title: 'Says', width: 'minmax(8rem, 2fr)', cell: (row) => <Text size="sm" truncate>{says(specOf(row))}</Text>, wide: true },
  { key: 'conflict', title: 'A difference is', width: '8.5rem', cell: (row) => CONFLICTS[specOf(row).conflict ?? 'enforce'] ?? specOf(row).conflict, wide: true },
  { key: 'updated', title: 'Changed', width: '6.75rem', cell: (row) => <Ago at={row.metadata.updated} />, wide: true },
];

function says(spec: ConfigurationSpec): string {
  const values = spec.config === undefined ? 0 : leaves(spec.config).length;
  const software = Object.entries(spec.software ?? {}).map(([component, version]) => `${component} ${version}`);
  return [values === 0 ? undefined : `${values} ${values === 1 ? 'value' : 'values'}`, ...software].filter((part) => part !== undefined).join(', ');
}

export default function Configurations() {
  const navigate = useNavigate();
  const lacks = useMay('configuration');
  const list = usePages<Declared>(['configurations'], '/api/v1/configurations', { limit: 200 }, 30_000);
  return (
    <Page
      title="Configurations"
      note="what is desired of groups and of assets, above the baseline of their type"
      actions={<Tooltip label={lacks} disabled={lacks === undefined}>{lacks === undefined ? <Button leftSection={<IconPlus size={16} />} renderRoot={(props) => <Link to="/new/configuration" {...props} />}>New configuration</Button> : <Button disabled leftSection={<IconPlus size={16} />}>New configuration</Button>}</Tooltip>}
    >
      {list.error ? (
        <Problem what="The configurations cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading configurations…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="There is no configuration yet" command="muster apply -f configuration.yaml">Assets have the baseline of their type alone. Write what a group should have as YAML, try it with <b>--dry-run</b>, and apply it:</Empty></Card>
      ) : (
        <DataTable label="configurations" columns={COLUMNS} rows={list.rows} rowKey={(row) => row.metadata.name} onOpen={(row) => void navigate({ to: '/configurations/$name', params: { name: row.metadata.name } })} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get configurations" />
    </Page>
  );
}
