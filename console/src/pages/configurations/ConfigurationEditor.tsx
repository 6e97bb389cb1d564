import { Alert, Button, Card, Code, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { LineDiff } from '../../ui/diffview';
import { CommandLine, Problem } from '../../ui/feedback';
import { YamlField } from '../../ui/yamlfield';
import { readYaml } from '../../ui/yamlread';
import { freshDraft, nameFor } from '../rollouts/new/draft';

type Props = {
  /** What stands there now; undefined: nothing yet. */
  before: string | undefined;
  initial: string;
  onClose: () => void;
};
type FieldProblem = { field: string; message: string };
/** What the server said it would do; with whose fields it would take over, if any. */
type Checked = { text: string; result: string; owned: FieldProblem[] };
type Document = { metadata?: { name?: string }; spec?: { config?: unknown; target?: { group?: string; asset?: string } } } | null;

/** Changes a configuration as its YAML: edited, tried by the server, seen as a difference, and only then applied. */
export function ConfigurationEditor({ before, initial, onClose }: Props) {
  const lacks = useMay('configuration');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(initial);
  const [checked, setChecked] = useState<Checked>();
  const [applies, setApplies] = useState<'usual' | 'force'>();
  const read = readYaml(text);
  const document = read.value as Document;
  const name = document?.metadata?.name ?? '';
  const target = document?.spec?.target?.group;
  const group = useQuery({
    queryKey: ['groups', target],
    enabled: target !== undefined && applies !== undefined,
    queryFn: () => data(api.GET('/api/v1/groups/{name}', { params: { path: { name: target ?? '' } } })),
    select: (found) => (found.status as { members?: number } | undefined)?.members,
    retry: false,
  });
  const check = useMutation({
    mutationFn: () => tried(text),
    onSuccess: setChecked,
  });
  const problems: FieldProblem[] = check.error instanceof ProblemError ? check.error.errors.map((each) => ({ ...each, field: each.field.replace(/^documents\[\d+\]\.?/, '') })) : [];
  const current = checked?.text === text ? checked : undefined;
  const config = document?.spec?.config;
  return (
    <Stack gap="md">
      <Card>
        <YamlField
          label="configuration as YAML"
          title="Edit, try, apply"
          value={text}
          minHeight={200}
          problems={problems}
          onChange={(typed) => {
            setText(typed);
            if (check.error) check.reset();
          }}
          note="Ctrl ] and Ctrl [ indent."
        />
        <Group mt="sm" gap="xs">
          <Button variant="default" onClick={onClose}>Leave it</Button>
          <Tooltip label={lacks} disabled={lacks === undefined}><Button variant={current ? 'default' : 'filled'} disabled={lacks !== undefined || read.mistakes.length > 0} loading={check.isPending} onClick={() => check.mutate()}>Try it (changes nothing)</Button></Tooltip>
          <Button disabled={!current || current.result === 'unchanged'} onClick={() => setApplies(current && current.owned.length > 0 ? 'force' : 'usual')}>Apply…</Button>
          {before !== undefined && name !== '' && (
            <Button variant="light" disabled={!current || current.result === 'unchanged'} onClick={() => void navigate({ to: '/new/rollout', search: { draft: { name: nameFor(name, new Date().toISOString().slice(0, 10)), spec: { ...freshDraft({}).spec, change: { configuration: { name, config: config ?? {} } } } } } })}>
              Bring it in waves instead…
            </Button>
          )}
        </Group>
      </Card>
      {check.error && <Problem what="The server would not take it" error={check.error} />}
      {current && current.owned.length > 0 && (
        <Alert color="orange" icon={<IconAlertTriangle />} title="Others set some of these fields">
          {current.owned.map((each) => <Text key={each.field} size="sm"><Code>{each.field}</Code> {each.message.replace(/; agree with it.*$/, '')}</Text>)}
          <Text size="sm" mt={4}>Applied here, they are the console's from then on; applying the old file again is a conflict, not a silent way back.</Text>
        </Alert>
      )}
      {current && (
        <Card>
          <Text size="sm" fw={600} mb={6} role="status">{current.result === 'unchanged' ? 'It would change nothing.' : `It would be ${current.result}:`}</Text>
          <LineDiff before={before ?? ''} after={text.endsWith('\n') ? text : `${text}\n`} label="what would change" />
        </Card>
      )}
      {before !== undefined && current && current.result !== 'unchanged' && (
        <Alert color="orange" icon={<IconAlertTriangle />}><Text size="sm">Applied, it is desired of everybody it is for at once. In waves, a few get it first, and all go back when it is bad.</Text></Alert>
      )}
      <CommandLine label="same by command" command={`muster apply -f ${name || 'configuration'}.yaml --dry-run`} />
      {applies && (
        <Confirm
          verb="Apply"
          name={name}
          consequence={<><b>From now on this is desired of {whom(document, group.data)} at once{before === undefined ? '' : ', in place of what was'}.</b> Who is offline gets it when it returns.{applies === 'force' ? ' Fields that another manager set become those of the console.' : ''}</>}
          act={async () => {
            await send(text, false, applies === 'force');
            await queries.invalidateQueries({ queryKey: ['configurations'] });
            if (before === undefined) await navigate({ to: '/configurations/$name', params: { name } });
            onClose();
          }}
          onClose={() => setApplies(undefined)}
          command={() => `muster apply -f ${name}.yaml${applies === 'force' ? ' --force' : ''}`}
        />
      )}
    </Stack>
  );
}

/** By a dry run; where fields belong to others by a second one that would take them over, so that it is seen before it is asked for. */
async function tried(text: string): Promise<Checked> {
  const results = async (force: boolean) => ((await (await send(text, true, force)).json()) as Schemas['Applied']).results.map((each) => each.result).join(', ');
  try {
    return { text, result: await results(false), owned: [] };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 409) throw error;
    return { text, result: await results(true), owned: error.errors.map((each) => ({ ...each, field: each.field.replace(/^documents\[\d+\]\.?/, '') })) };
  }
}

function send(text: string, dryRun: boolean, force: boolean): Promise<Response> {
  return raw('POST', `/api/v1/apply?fieldManager=console&dryRun=${dryRun}${force ? '&force=true' : ''}`, text, { 'Content-Type': 'application/yaml' });
}

function whom(document: Document, members: number | undefined): string {
  const target = document?.spec?.target;
  if (target?.asset) return `asset ${target.asset}`;
  return target?.group ? `${members === undefined ? 'all' : `all ${members.toLocaleString()} ${members === 1 ? 'asset' : 'assets'}`} of group ${target.group}` : 'all it is for';
}
