import { Alert, Button, Card, Code, Group, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw } from '../../api/client';
import { Page } from '../../shell/Page';
import { useLacks } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { bytes } from '../../ui/size';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import type { Release } from './Releases';

const route = getRouteApi('/releases/$name');

export default function ReleasePage() {
  const { name } = route.useParams();
  const lacks = useLacks('operator');
  const [asks, setAsks] = useState(false);
  const answer = useQuery({
    queryKey: ['releases', name],
    queryFn: () => data(api.GET('/api/v1/releases/{name}', { params: { path: { name } } })),
    refetchInterval: 30_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Empty title={`${name} is not a release`} command="muster release list">It was never published here.</Empty>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  const release = answer.data;
  const quarantined = release.status === 'quarantined';
  return (
    <Page
      title={release.name}
      note={<Group gap="xs" mt={4}><State value={release.status} /><Text size="sm" c="dimmed">since <Ago at={release.statusSince} />; published <Ago at={release.publishedAt} /> by {release.publishedBy}</Text></Group>}
      actions={
        <Tooltip label={lacks} disabled={lacks === undefined}>
          <Button color={quarantined ? 'cyan' : 'red'} variant="light" disabled={lacks !== undefined} onClick={() => setAsks(true)}>
            {quarantined ? 'End the quarantine…' : 'Quarantine…'}
          </Button>
        </Tooltip>
      }
    >
      {release.reason && <Alert color="red" icon={<IconAlertTriangle />} title="No asset gets it any more"><Text size="sm">{release.reason}</Text></Alert>}
      {release.prunedAt && <Alert color="gray" title="Its files were removed"><Text size="sm"><Ago at={release.prunedAt} />, because no asset ran it, had run it or could go back to it.</Text></Alert>}
      {Object.keys(release.components).length > 0 && <Components release={release} />}
      {release.files.length > 0 && <Files release={release} />}
      <CommandLine label="same by command" command={`muster release show ${release.name}`} />
      {asks && <Decide release={release} onClose={() => setAsks(false)} />}
    </Page>
  );
}

function Components({ release }: { release: Release }) {
  return (
    <Card>
      <Title order={2} mb="sm">Components</Title>
      <Stack gap={4}>
        {Object.entries(release.components).map(([component, version]) => (
          <LinkText key={component} to="/releases/$name" params={{ name: `${component}@${version}` }} size="sm">{component} {version}</LinkText>
        ))}
      </Stack>
    </Card>
  );
}

function Files({ release }: { release: Release }) {
  return (
    <Card>
      <Title order={2} mb="sm">Files</Title>
      <Table.ScrollContainer minWidth={640}>
        <Table>
          <Table.Thead>
            <Table.Tr><Table.Th>Name</Table.Th><Table.Th>Kind</Table.Th><Table.Th>Size</Table.Th><Table.Th>Hardware</Table.Th><Table.Th>Fits</Table.Th><Table.Th>SHA-256</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {release.files.map((file) => (
              <Table.Tr key={file.path}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{file.path}</Table.Td>
                <Table.Td>{file.kind}</Table.Td>
                <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{bytes(file.size)}</Table.Td>
                <Table.Td>{file.hardware.length === 0 ? 'any' : file.hardware.join(', ')}</Table.Td>
                <Table.Td>{file.compatibility === '' ? 'all assets' : <Code>{file.compatibility}</Code>}</Table.Td>
                <Table.Td><Text size="xs" ff="monospace" title={file.sha256}>{file.sha256.slice(0, 16)}…</Text></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function Decide({ release, onClose }: { release: Release; onClose: () => void }) {
  const queries = useQueryClient();
  const quarantined = release.status === 'quarantined';
  const verb = quarantined ? 'release' : 'quarantine';
  return (
    <Confirm
      verb={quarantined ? 'Release' : 'Quarantine'}
      name={release.name}
      reasoned
      harmless={quarantined}
      consequence={quarantined ? 'Assets may download it again, and rollouts may assign it.' : 'No asset gets it any more, at once. Those that run it go on until they get another one.'}
      act={async (reason) => {
        await raw('POST', `/api/v1/releases/${encodeURIComponent(release.name)}/${verb}`, { reason });
        await queries.invalidateQueries({ queryKey: ['releases'] });
      }}
      onClose={onClose}
      command={(reason) => line('muster', 'release', verb, release.name, '--reason', reason === '' ? 'REASON' : reason)}
    />
  );
}
