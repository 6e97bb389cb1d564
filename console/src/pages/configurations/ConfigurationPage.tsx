import { Button, Card, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CopyAs } from '../../ui/copyas';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { CONFLICTS, Target, specOf, type ConfigurationSpec } from './Configurations';

const ConfigurationEditor = lazy(() => import('./ConfigurationEditor').then((module) => ({ default: module.ConfigurationEditor })));
const route = getRouteApi('/configurations/$name');

/** One configuration as the YAML that makes it. */
export default function ConfigurationPage() {
  const { name } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = useNavigate({ from: '/configurations/$name' });
  const lacks = useMay('configuration');
  const [deletes, setDeletes] = useState(false);
  const answer = useQuery({
    queryKey: ['configurations', name],
    queryFn: () => data(api.GET('/api/v1/configurations/{name}', { params: { path: { name } } })),
    refetchInterval: 30_000,
  });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`${name} is not a configuration`} command="muster get configurations">It was deleted, or is outside of your scope.</Missing>
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
      actions={
        <>
          <CopyAs path={`/api/v1/configurations/${encodeURIComponent(name)}`} yaml={document} command={`muster get configuration ${name} -o yaml`} />
          {([['Edit', <Button key="edit" variant="default" disabled={lacks !== undefined || edit === 'yes' || status?.rollout !== undefined} onClick={() => void navigate({ search: { edit: 'yes' } })}>Edit</Button>], ['Bring in waves', <Button key="waves" variant="light" disabled={lacks !== undefined || status?.rollout !== undefined} {...(lacks === undefined && status?.rollout === undefined ? { renderRoot: (props: object) => <Link to="/new/rollout" search={{ configuration: name }} {...props} /> } : {})}>Bring in waves…</Button>], ['Delete', <Button key="delete" variant="light" color="red" disabled={lacks !== undefined || status?.rollout !== undefined} onClick={() => setDeletes(true)}>Delete…</Button>]] as const).map(([key, button]) => {
            const why = lacks ?? (status?.rollout ? `rollout ${status.rollout} changes it right now` : undefined);
            return <Tooltip key={key} label={why} disabled={why === undefined}>{button}</Tooltip>;
          })}
        </>
      }
    >
      {deletes && <Delete name={name} spec={spec} onClose={() => setDeletes(false)} />}
      {local && <Text size="sm">Kept by the server: values that were changed on the asset, and accepted. Deleting it takes them back.</Text>}
      {status?.rollout && <Text size="sm">Rollout <LinkText underline="always" to="/rollouts/$name" params={{ name: status.rollout }} size="sm">{status.rollout}</LinkText> moves another content from asset to asset right now; until that has ended nobody else changes it.</Text>}
      {edit === 'yes' ? (
        <Suspense fallback={<Loading what="loading the editor…" />}><ConfigurationEditor before={document} initial={document} onClose={() => void navigate({ search: {}, replace: true })} /></Suspense>
      ) : (
        <Card><YamlField label={`${name} as YAML`} title="As it is declared" value={document} /></Card>
      )}
      <Revisions name={name} />
      <Managers declared={declared} />
      {edit !== 'yes' && <CommandLine label="same by command" command={`muster get configuration ${name} -o yaml`} />}
    </Page>
  );
}

function Delete({ name, spec, onClose }: { name: string; spec: ConfigurationSpec; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <Confirm
      verb="Delete"
      name={name}
      consequence={<><b>What it asks for is no longer desired of {spec.target.asset ? `asset ${spec.target.asset}` : `group ${spec.target.group}`}, at once.</b> What stands below it, by precedence, and the baseline of the type are desired again.</>}
      act={async () => {
        await raw('DELETE', `/api/v1/configurations/${encodeURIComponent(name)}`);
        await queries.invalidateQueries({ queryKey: ['configurations'] });
        await navigate({ to: '/configurations' });
      }}
      onClose={onClose}
      command={() => `muster delete configuration ${name}`}
    />
  );
}

/** Contents that rollouts brought and replaced. */
function Revisions({ name }: { name: string }) {
  const answer = useQuery({ queryKey: ['configurations', name, 'revisions'], queryFn: () => data(api.GET('/api/v1/configurations/{name}/revisions', { params: { path: { name } } })), staleTime: 30_000 });
  const [shown, setShown] = useState<string>();
  if (!answer.data || answer.data.length === 0) return null;
  return (
    <Card>
      <Title order={2} mb="sm">Earlier contents</Title>
      <Stack gap={6}>
        {answer.data.map((each) => (
          <div key={each.revision}>
            <Group gap="xs">
              <Text size="sm" ff="monospace">{each.revision}</Text>
              <Text size="xs" c="dimmed">since <Ago at={each.since} />{each.assets > 0 && `; ${each.assets.toLocaleString()} ${each.assets === 1 ? 'asset has' : 'assets have'} it still`}</Text>
              <Button size="compact-xs" variant="subtle" aria-expanded={shown === each.revision} onClick={() => setShown(shown === each.revision ? undefined : each.revision)}>{shown === each.revision ? 'Hide' : 'Show'}</Button>
            </Group>
            {shown === each.revision && <YamlField label={`revision ${each.revision}`} value={yaml(each.config)} maxHeight="30dvh" />}
          </div>
        ))}
      </Stack>
    </Card>
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
