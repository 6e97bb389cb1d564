import { Alert as Notice, Button, Card, Code, Group, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { useMay } from '../../shell/Session';
import { CopyButton } from '../../ui/copybutton';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { Ago } from '../../ui/time';
import { SECTIONS, changed, type Incident } from './incident';

/** What people write, beside the page that it makes with the server's own timeline. */
export function Postmortem({ incident }: { incident: Incident }) {
  const answer = useQuery({ queryKey: ['incidents', String(incident.number), 'postmortem'], queryFn: () => data(api.GET('/api/v1/incidents/{name}/postmortem', { params: { path: { name: incident.name } } })) });
  if (answer.error) return <Problem what="The postmortem cannot be written" error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Loading what="writing the postmortem…" />;
  return <Written incident={incident} page={answer.data} />;
}

function Written({ incident, page }: { incident: Incident; page: Schemas['Postmortem'] }) {
  // What somebody has begun to write stays, whatever comes from the server meanwhile.
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [base, setBase] = useState(page);
  const lacks = useMay('incident');
  const queries = useQueryClient();
  const key = ['incidents', String(incident.number), 'postmortem'];
  const mine = changed(typed, base.sections);
  const dirty = Object.keys(mine).length > 0;
  if (!dirty && base.version !== page.version) setBase(page);
  const save = useMutation({
    mutationFn: async () => (await (await raw('PUT', `/api/v1/incidents/${incident.number}/postmortem`, { version: base.version, sections: mine })).json()) as Schemas['Postmortem'],
    onSuccess: (saved) => {
      queries.setQueryData(key, saved);
      setBase(saved);
      setTyped({});
    },
  });
  const conflict = save.error instanceof ProblemError && save.error.status === 409;
  const behind = dirty && page.version !== base.version;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: 'start' }}>
      <Card>
        <Group justify="space-between" mb="xs">
          <Title order={2}>Written by people</Title>
          <Text size="xs" c="dimmed" component="span">{base.version === 0 ? 'nobody wrote yet' : <>version {base.version}, by {base.updatedBy} <Ago at={base.updated} /></>}</Text>
        </Group>
        <Stack gap="sm">
          {(conflict || behind) && (
            <Notice color="orange" icon={<IconAlertTriangle />} title="Somebody else wrote meanwhile">
              <Text size="sm" mb="xs">{conflict && save.error ? save.error.message : `There is a version ${page.version} by ${page.updatedBy}.`} Your text is still here.</Text>
              <Button size="xs" variant="default" onClick={() => void queries.fetchQuery({ queryKey: key, queryFn: () => data(api.GET('/api/v1/incidents/{name}/postmortem', { params: { path: { name: incident.name } } })) }).then((newest) => { setBase(newest); save.reset(); })}>Take theirs for what I did not change</Button>
            </Notice>
          )}
          {SECTIONS.map((section) => (
            <Textarea
              key={section.name}
              label={section.title}
              description={section.asks}
              autosize
              minRows={2}
              maxRows={14}
              maxLength={20_000}
              readOnly={lacks !== undefined}
              value={typed[section.name] ?? base.sections[section.name] ?? ''}
              onChange={(event) => setTyped({ ...typed, [section.name]: event.currentTarget.value })}
            />
          ))}
          {save.error && !conflict && <Problem what="It was not kept" error={save.error} />}
          <Group gap="sm">
            <Button disabled={!dirty || lacks !== undefined || behind} title={lacks ?? (behind ? 'take the newer version first' : undefined)} loading={save.isPending} onClick={() => save.mutate()}>Keep</Button>
            {dirty && <Button variant="default" onClick={() => { setTyped({}); setBase(page); save.reset(); }}>Discard</Button>}
            <Text size="xs" c="dimmed">Markdown. Times, causes, actions and the timeline are the server's.</Text>
          </Group>
        </Stack>
      </Card>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm" c="dimmed">The whole page as it is now{dirty && ', without what you have not kept'}.</Text>
          <CopyButton value={page.text}>{({ copied, copy }) => <Button size="xs" variant="light" leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />} onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}</CopyButton>
        </Group>
        <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', maxHeight: '75dvh', overflow: 'auto' }}>{page.text}</Code>
        <CommandLine label="same by command" command={line('muster', 'incident', 'postmortem', incident.name, '-f', `${incident.name.toLowerCase()}.md`)} />
      </Stack>
    </SimpleGrid>
  );
}
