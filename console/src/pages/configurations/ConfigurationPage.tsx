import { Card, Code, CopyButton, Button, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ProblemError, api, data, type Schemas } from '../../api/client';
import { Page } from '../../shell/Page';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { CONFLICTS, Target, specOf } from './Configurations';

const route = getRouteApi('/configurations/$name');

/** One configuration as the YAML that makes it. */
export default function ConfigurationPage() {
  const { name } = route.useParams();
  const answer = useQuery({
    queryKey: ['configurations', name],
    queryFn: () => data(api.GET('/api/v1/configurations/{name}', { params: { path: { name } } })),
    refetchInterval: 30_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Empty title={`${name} is not a configuration`} command="muster get configurations">It was deleted, or is outside of your scope.</Empty>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  const declared = answer.data;
  const spec = specOf(declared);
  const status = declared.status as { local?: boolean; revision?: string; rollout?: string } | undefined;
  const local = status?.local === true;
  const document = asYaml(declared);
  return (
    <Page
      title={name}
      note={<>for <Target spec={spec} />{spec.precedence === undefined ? '' : `, precedence ${spec.precedence}`}; a difference is {CONFLICTS[spec.conflict ?? 'enforce'] ?? spec.conflict}; changed <Ago at={declared.metadata.updated} />{status?.revision && `, revision ${status.revision}`}</>}
    >
      {local && <Text size="sm">Kept by the server: values that were changed on the asset, and accepted. Deleting it takes them back.</Text>}
      {status?.rollout && <Text size="sm">Rollout <LinkText to="/rollouts/$name" params={{ name: status.rollout }} size="sm">{status.rollout}</LinkText> moves another content from asset to asset right now; until that has ended nobody else changes it.</Text>}
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>As YAML</Title>
          <CopyButton value={document}>{({ copied, copy }) => <Button size="compact-sm" variant="default" onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
        </Group>
        <Code block>{document}</Code>
      </Card>
      <Managers declared={declared} />
      <CommandLine label="same by command" command={`muster get configuration ${name} -o yaml`} />
      <CommandLine label="take it back" command={`muster delete configuration ${name}`} />
    </Page>
  );
}

/** What one would apply: without what the server adds. */
function asYaml({ apiVersion, kind, metadata, spec }: Schemas['DeclaredObject']): string {
  return yaml({ apiVersion, kind, metadata: { name: metadata.name }, spec });
}

/** Who set what, where it was more than one. */
function Managers({ declared }: { declared: Schemas['DeclaredObject'] }) {
  const owners = new Map<string, number>();
  Object.values(declared.metadata.managers ?? {}).forEach((owner) => owners.set(String(owner), (owners.get(String(owner)) ?? 0) + 1));
  if (owners.size === 0) return null;
  return <Text size="xs" c="dimmed">set by {[...owners].map(([owner, fields]) => `${owner} (${fields} ${fields === 1 ? 'field' : 'fields'})`).join(', ')}</Text>;
}
