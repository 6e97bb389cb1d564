import { Badge, Card, Group, Select, Stack, Table, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { api, data, type Schemas } from '../../api/client';
import { useMe } from '../../shell/Session';
import { CommandLine, Loading, Problem } from '../../ui/feedback';

type Permission = Schemas['Permission'];
const route = getRouteApi('/access');
const ROLES = ['viewer', 'operator', 'admin'];
const VERBS: Record<string, string> = { read: 'sees', write: 'changes', admin: 'overrules' };
const REACH: Record<string, string> = {
  narrowed: 'a narrower scope sees and changes those of its assets',
  shared: 'a narrower scope sees it, and does not change it',
  whole: 'only with a scope of all assets',
};

/** What each role may do, as the server decides it. */
export function Roles() {
  const me = useMe();
  const { kind } = route.useSearch();
  const navigate = useNavigate({ from: '/access' });
  const answer = useQuery({ queryKey: ['permissions'], queryFn: () => data(api.GET('/api/v1/permissions')), staleTime: 300_000 });
  if (answer.error) return <Problem what="What roles may do cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading what="asking what roles may do…" />;
  const shown = kind === undefined ? answer.data : answer.data.filter((each) => each.kind === kind);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">Worked out by the server from the rule that decides about each request. A role includes those to its left; your own column is marked.</Text>
      <Select label="About" placeholder="everything" clearable searchable w={240} data={answer.data.map((each) => each.kind)} value={kind ?? null} onChange={(next) => void navigate({ search: (before) => ({ ...before, kind: next ?? undefined }) as typeof before, replace: true })} />
      <Card padding={0} maw="64rem">
        <Table.ScrollContainer minWidth={640}>
          <Table verticalSpacing={6} stickyHeader={false}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>About</Table.Th>
                <Table.Th>May</Table.Th>
                {ROLES.map((role) => <Table.Th key={role} ta="center" w="6rem" {...(role === me.role ? { bg: 'var(--mantine-primary-color-light)' } : {})}>{role}</Table.Th>)}
                <Table.Th>You</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{shown.map((each) => <Rows key={each.kind} permission={each} own={me.role} detailed={kind !== undefined} />)}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
      <CommandLine label="same by curl" command={`curl -H "Authorization: Bearer $MUSTER_TOKEN" ${window.location.origin}/api/v1/permissions`} />
    </Stack>
  );
}

function Rows({ permission: { kind, reach, verbs }, own, detailed }: { permission: Permission; own: string; detailed: boolean }) {
  return verbs.map((verb, index) => (
    <Table.Tr key={verb.verb} style={{ verticalAlign: 'top' }}>
      {index === 0 && (
        <Table.Td rowSpan={verbs.length}>
          <Text size="sm" fw={600}>{kind}</Text>
          <Text size="xs" c="dimmed">{REACH[reach]}</Text>
        </Table.Td>
      )}
      <Table.Td>
        <Tooltip multiline maw={480} disabled={detailed} label={verb.does.join('; ')}><Text size="sm" tabIndex={0} w="fit-content">{VERBS[verb.verb] ?? verb.verb} <Text span size="xs" c="dimmed">{verb.does.length}</Text></Text></Tooltip>
        {detailed && verb.does.map((each) => <Text key={each} size="xs" c="dimmed">{each}</Text>)}
      </Table.Td>
      {ROLES.map((role) => (
        <Table.Td key={role} ta="center" {...(role === own ? { bg: 'var(--mantine-primary-color-light)' } : {})}>
          {ROLES.indexOf(role) >= ROLES.indexOf(verb.role) ? <IconCheck size={17} color="var(--mantine-color-teal-text)" aria-label="yes" /> : <IconMinus size={17} color="var(--mantine-color-dimmed)" aria-label="no" />}
        </Table.Td>
      ))}
      <Table.Td>
        {verb.refusal === undefined ? <Text size="sm">yes</Text> : <Group gap={6} wrap="nowrap"><Badge color="gray" variant="light" radius="sm" tt="none" style={{ '--badge-color': 'var(--mantine-color-text)' }}>no</Badge><Text size="xs" c="dimmed">{verb.refusal.replace(/^.*?: /, '')}</Text></Group>}
      </Table.Td>
    </Table.Tr>
  ));
}
