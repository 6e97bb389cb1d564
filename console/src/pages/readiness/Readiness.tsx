import { Anchor, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { Page } from '../../shell/Page';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { inOurTime } from '../../ui/time';
import { called } from '../../ui/words';
import { inOrder, place, verdict, type Check } from './checks';

export default function Readiness() {
  const answer = useQuery({ queryKey: ['readiness'], queryFn: () => data(api.GET('/api/v1/readiness')), refetchInterval: 30_000 });
  return (
    <Page title="Readiness" note={answer.data ? verdict(answer.data.checks) : 'what a fleet in production needs'}>
      {answer.error ? (
        <Problem what="The checks cannot be made" error={answer.error} retry={() => void answer.refetch()} />
      ) : answer.isPending ? (
        <Loading what="looking…" />
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
          {inOrder(answer.data.checks).map((check) => <Finding key={check.name} check={check} />)}
        </SimpleGrid>
      )}
      <CommandLine label="same by command" command="muster readiness" />
    </Page>
  );
}

function Finding({ check }: { check: Check }) {
  const where = place(check.link);
  return (
    <Card component="section" aria-label={check.title} padding="md">
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600}>{check.title}</Text>
          <div style={{ flexShrink: 0 }}><State value={check.state} /></div>
        </Group>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{called(inOurTime(check.found))}</Text>
        {check.todo && <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>→ {check.todo}</Text>}
        {where.kind === 'screen' && <Anchor size="sm" href={where.href}>show</Anchor>}
        {where.kind === 'page' && <Text size="xs" c="dimmed">{where.text}</Text>}
      </Stack>
    </Card>
  );
}
