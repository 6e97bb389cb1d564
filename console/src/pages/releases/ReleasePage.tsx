import { Alert, Anchor, Button, Card, Code, Group, Stack, Table, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { bytes } from '../../ui/size';
import { State } from '../../ui/state';
import { TabRow } from '../../ui/tabrow';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { Deployed } from './Deployed';
import type { Release } from './Releases';
import { SbomTab } from './SbomTab';
import { Signatures } from './Signatures';

const route = getRouteApi('/releases/$name');

export default function ReleasePage() {
  const { name } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/releases/$name' });
  const chosen = TABS.find(([key]) => key === tab)?.[0] ?? 'where';
  const lacks = useMay('release');
  const [asks, setAsks] = useState(false);
  const answer = useQuery({
    queryKey: ['releases', name],
    queryFn: () => data(api.GET('/api/v1/releases/{name}', { params: { path: { name } } })),
    refetchInterval: 30_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`${name} is not a release`} command="muster release list">It was never published here.</Missing>
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
      note={<Group gap="xs" mt={4}><State value={release.status} /><Text size="sm" c="dimmed">since <Ago at={release.statusSince} />; published <Ago at={release.publishedAt} /> by {called(release.publishedBy)}</Text></Group>}
      actions={
        <>
        <CopyAs path={`/api/v1/releases/${encodeURIComponent(release.name)}`} command={`muster release show ${release.name}`} />
        {!quarantined && release.prunedAt === undefined && release.kind !== 'set' && (
          <Button variant="light" disabled={lacks !== undefined} {...(lacks === undefined ? { renderRoot: (props: object) => <Link to="/new/rollout" search={{ release: release.name }} {...props} /> } : { title: lacks })}>Roll it out…</Button>
        )}
        <Tooltip label={lacks} disabled={lacks === undefined}>
          <Button color={quarantined ? 'cyan' : 'red'} variant="light" disabled={lacks !== undefined} onClick={() => setAsks(true)}>
            {quarantined ? 'End the quarantine…' : 'Quarantine…'}
          </Button>
        </Tooltip>
        </>
      }
    >
      {release.reason && <Alert color="red" icon={<IconAlertTriangle />} title="No asset gets it any more"><Text size="sm">{release.reason}</Text></Alert>}
      {release.prunedAt && <Alert color="gray" title="Its files were removed"><Text size="sm"><Ago at={release.prunedAt} />, because no asset ran it, had run it or could go back to it.</Text></Alert>}
      <Withheld name={release.name} />
      <Tabs value={chosen} onChange={(next) => void navigate({ search: next === null || next === 'where' ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <TabRow chosen={chosen}>
          {TABS.map(([key, title]) => <Tabs.Tab key={key} value={key}>{title}{key === 'sbom' && release.sbomComponents ? ` (${release.sbomComponents.toLocaleString()})` : ''}</Tabs.Tab>)}
        </TabRow>
        <Tabs.Panel value="where" pt="md"><Stack>{Object.keys(release.components).length > 0 && <Components release={release} />}<Deployed release={release} /></Stack></Tabs.Panel>
        <Tabs.Panel value="signatures" pt="md"><Signatures component={release.component} /></Tabs.Panel>
        <Tabs.Panel value="provenance" pt="md"><Provenance release={release} /></Tabs.Panel>
        <Tabs.Panel value="sbom" pt="md"><SbomTab release={release} /></Tabs.Panel>
        <Tabs.Panel value="files" pt="md">{release.files.length > 0 ? <Files release={release} /> : <Card><Empty title="It has no files">A set is made of components; each has its own.</Empty></Card>}</Tabs.Panel>
      </Tabs>
      <CommandLine label="same by command" command={`muster release show ${release.name}`} />
      {asks && <Decide release={release} onClose={() => setAsks(false)} />}
    </Page>
  );
}

const TABS = [['where', 'Where it runs'], ['signatures', 'Signatures'], ['provenance', 'Provenance'], ['sbom', 'SBOM'], ['files', 'Files']] as const;

/** Kinds of assets that get it from no rollout any more, since a gate has halted them. */
function Withheld({ name }: { name: string }) {
  const answer = useQuery({
    queryKey: ['releases', name, 'withheld'],
    queryFn: () => data(api.GET('/api/v1/releases/{name}/withheld', { params: { path: { name } } })),
    refetchInterval: 60_000,
  });
  if (!answer.data || answer.data.length === 0) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle />} title="Withheld from assets like those for which it failed">
      {answer.data.map((each) => (
        <Text key={each.id} size="sm"><b>{Object.entries(each.stratum).map(([attribute, value]) => `${attribute} ${value || '–'}`).join(', ')}</b>, since <Ago at={each.since} />, by <LinkText to="/rollouts/$name" params={{ name: each.rollout }} size="sm" underline="always">{each.rollout}</LinkText>: {each.reason}</Text>
      ))}
      <CommandLine label="let them have it again" command={line('muster', 'release', 'withheld', name)} />
    </Alert>
  );
}

/** How it was built, and who vouches for that. */
function Provenance({ release }: { release: Release }) {
  const builds = release.builds ?? [];
  if (builds.length === 0) return <Card><Empty title="It was published without provenance" command="muster release create app@1.5.0 --artifact app.tar.gz --provenance build.intoto.jsonl">Let the pipeline give what it knows about the build (in-toto, SLSA), and it is kept and shown here.</Empty></Card>;
  return (
    <Stack gap="sm">
      {builds.map((build, index) => (
        <Card key={index}>
          <Table withRowBorders={false} verticalSpacing={4}>
            <Table.Tbody>
              {([['Source', build.source], ['Revision', build.revision], ['Builder', build.builder], ['Build type', build.buildType], ['Invocation', build.invocation]] as const).filter(([, value]) => value !== '').map(([title, value]) => (
                <Table.Tr key={title}><Table.Td w="8rem" c="dimmed">{title}</Table.Td><Table.Td style={{ overflowWrap: 'anywhere' }}>{/^https:\/\//.test(value) ? <Anchor href={value} rel="noreferrer noopener" target="_blank" size="sm">{value}</Anchor> : value}</Table.Td></Table.Tr>
              ))}
              <Table.Tr><Table.Td c="dimmed">Signed by</Table.Td><Table.Td>{build.signedBy === '' ? <State value="unknown" title="this server has no keys of builders configured" /> : <Group gap="xs"><State value="valid" /><Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>{build.signedBy}</Text></Group>}{build.signedBy === '' && <Text size="xs" c="dimmed">not verified: no keys of builders are configured here</Text>}</Table.Td></Table.Tr>
            </Table.Tbody>
          </Table>
        </Card>
      ))}
      <CommandLine label="the whole document" command={line('muster', 'release', 'provenance', release.name)} />
    </Stack>
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
      verb={quarantined ? 'End the quarantine of' : 'Quarantine'}
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
