import { Badge, Card, Code, Group, List, SimpleGrid, Stack, Text, Textarea, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { Alerting } from './Alerting';
import { STANDARD_ROUTE, flat, routeName, type RouteNode } from './alerting';

const route = getRouteApi('/routing');
const EXAMPLE = 'alertname=DiskFull\nseverity=page';

export default function Routing() {
  const routings = useQuery({ queryKey: ['alert-routings'], queryFn: () => data(api.GET('/api/v1/alert-routings', { params: { query: { limit: 1 } } })), refetchInterval: 30_000 });
  const receivers = usePages<Schemas['DeclaredObject']>(['receivers'], '/api/v1/receivers', { limit: 500 }, 60_000);
  const declared = routings.data?.items[0];
  const spec = (declared?.spec ?? {}) as { route?: RouteNode; inhibit_rules?: Record<string, unknown>[]; time_intervals?: { name?: string }[] };
  const names = new Set(receivers.rows.map((receiver) => receiver.metadata.name));
  return (
    <Alerting title="Routing" note="which receiver gets what, and who would be told of some labels now">
      {routings.error ? (
        <Problem what="The routing cannot be shown" error={routings.error} retry={() => void routings.refetch()} />
      ) : routings.isPending || receivers.isPending ? (
        <Loading what="loading the routing…" />
      ) : (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: 'start' }}>
          <Stack gap="md">
            <Card>
              <Title order={2} mb={4}>The tree</Title>
              <Text size="sm" c="dimmed" mb="sm">{declared ? 'An alert goes down to the first route that takes it, and on to its siblings only where that one says so.' : 'Nothing is declared: what stands here holds always.'}</Text>
              <Tree root={spec.route ?? STANDARD_ROUTE} known={names} />
            </Card>
            {(spec.inhibit_rules?.length ?? 0) > 0 && (
              <Card>
                <Title order={2} mb={6}>Held back</Title>
                <List size="sm" spacing={4}>{spec.inhibit_rules?.map((rule, index) => <List.Item key={index}><Code>{list(rule.target_matchers)}</Code> while <Code>{list(rule.source_matchers)}</Code> fires{Array.isArray(rule.equal) && rule.equal.length > 0 && <> with the same {rule.equal.join(', ')}</>}</List.Item>)}</List>
              </Card>
            )}
            <Receivers receivers={receivers.rows} />
          </Stack>
          <Who />
        </SimpleGrid>
      )}
      <CommandLine label="as declared" command="muster get alert-routings -o yaml" />
    </Alerting>
  );
}

const list = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value ?? ''));

function Tree({ root, known }: { root: RouteNode; known: Set<string> }) {
  return (
    <Stack component="ul" gap={0} m={0} p={0} style={{ listStyle: 'none' }}>
      {flat(root).map((each, index) => (
        <Group key={index} component="li" gap="xs" wrap="wrap" py={6} pl={each.depth * 22} style={index === 0 ? {} : { borderTop: '1px solid var(--mantine-color-default-border)' }}>
          {each.depth === 0 ? <Text size="sm">everything</Text> : each.matchers.map((matcher) => <Code key={matcher}>{matcher}</Code>)}
          <IconArrowRight size={14} aria-label="goes to" />
          <Text size="sm" fw={each.own ? 600 : 400}>{each.receiver}{each.from !== '' && <Text span inherit c="dimmed" fw={400}> or the receiver named like its {each.from}</Text>}</Text>
          {!known.has(each.receiver) && <State value="not declared" as="warn" />}
          <Text size="xs" c="dimmed">{[each.groupBy.length > 0 ? `together by ${each.groupBy.join(', ')}` : '', ...each.rest, each.goesOn ? 'and goes on' : ''].filter(Boolean).join(' · ')}</Text>
        </Group>
      ))}
    </Stack>
  );
}

function Receivers({ receivers }: { receivers: Schemas['DeclaredObject'][] }) {
  return (
    <Card>
      <Title order={2} mb="xs">Receivers</Title>
      {receivers.length === 0 ? <Empty title="Nobody can be told" command="muster apply -f examples/alerts/alerts.yaml">No receiver is declared: alerts are shown here, and sent to nobody.</Empty> : (
        <Stack gap={6}>
          {receivers.map((receiver) => {
            const { channels = [], escalation = [] } = (receiver.spec ?? {}) as { channels?: Record<string, unknown>[]; escalation?: { after?: string; receiver?: string }[] };
            return (
              <Group key={receiver.metadata.name} gap="xs">
                <Text size="sm" fw={600} miw={100}>{receiver.metadata.name}</Text>
                {channels.map((channel, index) => {
                  const [kind = '?', value] = Object.entries(channel)[0] ?? [];
                  return <Badge key={index} variant="default" tt="none" fw={400}>{kind === 'onCall' ? 'who is on call in' : kind}{typeof value === 'string' && ` ${value}`}</Badge>;
                })}
                {escalation.map((step) => <Text key={`${step.after}${step.receiver}`} size="xs" c="dimmed">then {step.receiver} after {step.after}</Text>)}
              </Group>
            );
          })}
        </Stack>
      )}
    </Card>
  );
}

/** Who would be told now of an alert with these labels. */
function Who() {
  const { labels } = route.useSearch();
  const navigate = useNavigate({ from: '/routing' });
  const [typed, setTyped] = useState(labels ?? EXAMPLE);
  const [settled] = useDebouncedValue(typed, 400);
  const asked = Object.fromEntries(settled.split('\n').map((each) => each.trim()).filter((each) => each.includes('=')).map((each) => [each.slice(0, each.indexOf('=')).trim(), each.slice(each.indexOf('=') + 1).trim().replace(/^"(.*)"$/, '$1')]));
  useEffect(() => {
    void navigate({ search: settled === EXAMPLE ? {} : { labels: settled }, replace: true });
    // Only what rests goes into the address.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  const told = useQuery({
    queryKey: ['alert-routings', 'test', asked],
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => (await (await raw('POST', '/api/v1/alert-routings/test', { labels: asked })).json()) as Schemas['Told'],
  });
  return (
    <Card>
      <Title order={2} mb={4}>Who would be told</Title>
      <Text size="sm" c="dimmed" mb="sm">Of an alert with these labels, one a line, now. Nobody is told by asking.</Text>
      <Textarea aria-label="labels" autosize minRows={3} maxRows={12} spellCheck={false} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }} />
      {told.error && <Problem what="That cannot be told" error={told.error} />}
      {told.data && (
        <Stack gap="sm" mt="sm" aria-live="polite">
          {told.data.destinations.map((to) => (
            <Card key={to.route + to.receiver} padding="sm">
              <Group gap="xs" mb={4}><Text fw={600}>{to.receiver}</Text>{!to.declared && <State value="not declared" as="warn" />}{to.held !== '' && <State value={to.held} as="paused" />}</Group>
              <Text size="sm">{to.reached.length > 0 ? `reaches ${to.reached.join(', ')}` : 'reaches nobody: no channel, or nobody is on call'}</Text>
              {to.escalation.length > 0 && <Text size="sm">a page that nobody acknowledges: {to.escalation.join(', then ')}</Text>}
              <Text size="xs" c="dimmed">by the route <Code>{routeName(to.route)}</Code>; waits {to.groupWait} for others with {Object.entries(to.groupedBy).map(([name, value]) => `${name}=${value}`).join(', ') || 'nothing in common'}; again every {to.repeatInterval}</Text>
            </Card>
          ))}
          <Text size="sm" fw={600}>Routes that were asked</Text>
          <List size="sm" spacing={2}>{told.data.asked.map((each) => <List.Item key={each.route}><Code>{routeName(each.route)}</Code> {each.matched ? 'takes it' : `does not: ${each.why}`}</List.Item>)}</List>
        </Stack>
      )}
    </Card>
  );
}
