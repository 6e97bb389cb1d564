import { Button, Card, Code, Group, Stack, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate, useRouterState } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { Missing, Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { yaml } from '../../ui/yaml';
import { YamlField } from '../../ui/yamlfield';
import { many } from '../../ui/words';
import { RuleTest } from './RuleTest';
import { NEW_RULE, looksAt, ruleOf, type Rule } from './alerting';

const route = getRouteApi('/alert-rules/$name');

export default function RulePage() {
  const { name } = route.useParams();
  const answer = useQuery({ queryKey: ['alert-rules', name], queryFn: () => data(api.GET('/api/v1/alert-rules/{name}', { params: { path: { name } } })), refetchInterval: 15_000 });
  if (answer.error && !answer.data) {
    return answer.error instanceof ProblemError && answer.error.status === 404 ? (
      <Missing title={`There is no rule ${name}`} command="muster get alert-rules">It was deleted; its alerts are over.</Missing>
    ) : (
      <Problem what={`${name} cannot be shown`} error={answer.error} retry={() => void answer.refetch()} />
    );
  }
  if (!answer.data) return <Loading what={`loading ${name}…`} />;
  return <Shown key={answer.data.metadata.resourceVersion} declared={answer.data} />;
}

function Shown({ declared }: { declared: Schemas['DeclaredObject'] }) {
  const { tab = 'now' } = route.useSearch();
  const navigate = useNavigate({ from: '/alert-rules/$name' });
  const rule = ruleOf(declared);
  const [document, setDocument] = useState(() => yaml({ apiVersion: declared.apiVersion, kind: declared.kind, metadata: { name: rule.name }, spec: declared.spec }));
  const tabs: { key: string; title: string; content: ReactNode }[] = [
    { key: 'now', title: 'Now', content: <Now rule={rule} /> },
    { key: 'edit', title: 'Edit and test', content: <EditAndTest document={document} onChange={setDocument} name={rule.name} /> },
  ];
  return (
    <Page title={rule.name} note={<Group gap="xs" mt={4}><State value={rule.spec.severity ?? 'ticket'} />{rule.spec.paused && <State value="paused" />}<Text size="sm" c="dimmed" component="span">wrong when {looksAt(rule.spec.condition)}{rule.spec.for && ` for ${rule.spec.for}`}</Text></Group>} actions={<Actions rule={rule} />}>
      <Tabs value={tab} onChange={(next) => void navigate({ search: (before) => ({ ...before, tab: next ?? 'now' }), replace: true })} keepMounted={false}>
        <Tabs.List>{tabs.map((known) => <Tabs.Tab key={known.key} value={known.key}>{known.title}</Tabs.Tab>)}</Tabs.List>
        {tabs.map((known) => <Tabs.Panel key={known.key} value={known.key} pt="md">{known.content}</Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}

/** A rule that is not declared yet. */
export function NewRule() {
  const [document, setDocument] = useState(NEW_RULE);
  return (
    <Page title="A new alert rule" note="written as YAML, tested against what is stored, then applied">
      <EditAndTest document={document} onChange={setDocument} name={undefined} />
    </Page>
  );
}

function Actions({ rule }: { rule: Rule }) {
  const [asked, setAsked] = useState(false);
  const lacks = useMay('alerting');
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <>
      <Button variant="light" color="red" disabled={lacks !== undefined} title={lacks} onClick={() => setAsked(true)}>Delete…</Button>
      {asked && (
        <Confirm
          verb="Delete"
          name={rule.name}
          consequence={`Nobody looks at it any more, and ${many(rule.status.counts?.alerts ?? 0, 'alert of it is', 'alerts of it are')} over at once. To have it rest, declare paused: true instead.`}
          act={async () => {
            await raw('DELETE', `/api/v1/alert-rules/${encodeURIComponent(rule.name)}`);
            await queries.invalidateQueries({ queryKey: ['alert-rules'] });
            await navigate({ to: '/alert-rules' });
          }}
          onClose={() => setAsked(false)}
          command={() => line('muster', 'delete', 'alert-rule', rule.name)}
        />
      )}
    </>
  );
}

function Now({ rule }: { rule: Rule }) {
  const { counts, evaluated, problem } = rule.status;
  const facts: [string, ReactNode][] = [
    ['Looks at', rule.spec.selector ? <LinkText to="/assets" search={{ selector: rule.spec.selector }} size="sm"><Code>{rule.spec.selector}</Code></LinkText> : 'all assets'],
    ['Wrong', counts?.wrong.toLocaleString() ?? '–'],
    ['Fine', counts?.fine.toLocaleString() ?? '–'],
    ['Unknown', counts ? `${counts.unknown.toLocaleString()} without data that is fresh enough` : '–'],
    ['Alerts', <LinkText key="alerts" to="/alerts" search={{ source: `rule/${rule.name}`, state: 'all' }} size="sm">{counts?.alerts.toLocaleString() ?? '–'} now; all of them</LinkText>],
    ['Together at', rule.spec.commonCause?.by?.join(', ') ?? 'gateway, region, site, hardware'],
    ['Looked at', <Ago key="at" at={evaluated} none="not yet" />],
  ];
  return (
    <Stack gap="sm">
      {problem && <Problem what="It cannot be evaluated; its alerts stay as they are" error={new Error(problem)} />}
      <Card>
        <dl style={{ display: 'grid', gridTemplateColumns: 'max-content 1fr', gap: '4px 24px', margin: 0, fontSize: 'var(--mantine-font-size-sm)' }}>
          {facts.map(([name, value]) => [<Text key={`${name}-t`} component="dt" inherit c="dimmed">{name}</Text>, <dd key={name} style={{ margin: 0, minWidth: 0, overflowWrap: 'anywhere' }}>{value}</dd>])}
        </dl>
      </Card>
      <CommandLine label="same by command" command={line('muster', 'get', 'alert-rule', rule.name, '-o', 'yaml')} />
    </Stack>
  );
}

function EditAndTest({ document, onChange, name }: { document: string; onChange: (document: string) => void; name: string | undefined }) {
  const [applying, setApplying] = useState(false);
  const lacks = useMay('alerting');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const apply = async (dryRun: boolean) => (await (await raw('POST', `/api/v1/apply${dryRun ? '?dryRun=true' : ''}`, document, { 'Content-Type': 'application/yaml' })).json()) as { results: { name: string; kind: string; result: string }[] };
  const check = useMutation({ mutationFn: () => apply(true), onSuccess: () => setApplying(true) });
  const [would] = check.data?.results ?? [];
  return (
    <Stack gap="md">
      <Card>
        <Stack gap="sm">
          <YamlField label="the rule as YAML" title="The rule" value={document} onChange={(next) => { check.reset(); onChange(next); }} problems={check.error instanceof ProblemError ? check.error.errors : undefined} maxHeight="45dvh" />
          {check.error && <Problem what="It cannot be applied" error={check.error} />}
          <Group gap="sm">
            <Button disabled={lacks !== undefined} title={lacks} loading={check.isPending} onClick={() => check.mutate()}>Apply…</Button>
            <CommandLine command="muster apply -f rule.yaml" />
          </Group>
        </Stack>
      </Card>
      <RuleTest document={document} />
      {applying && would && (
        <Ask
          verb="Apply"
          name={would.name}
          consequence={would.result === 'unchanged' ? 'It is as it was: nothing would change.' : `The rule ${would.name} would be ${would.result}. It is evaluated from then on; alerts that it finds are told to whom the routing says.`}
          act={async () => {
            const done = await apply(false);
            await queries.invalidateQueries({ queryKey: ['alert-rules'] });
            const applied = done.results[0]?.name ?? name;
            if (applied !== undefined && !path.endsWith(`/${applied}`)) await navigate({ to: '/alert-rules/$name', params: { name: applied } });
          }}
          onClose={() => setApplying(false)}
          command={() => 'muster apply -f rule.yaml'}
        />
      )}
    </Stack>
  );
}
