import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';
import { nameOf } from '../audit/entry';
import { told } from '../oncall/changes';

const SHOWN = 8;
const ROUTINE = new Set(['token.login', 'token.logout', 'certificate.issue', 'certificate.renew', 'rollout.gate', 'rollout.open_wave', 'runbook.step', 'asset.import_batch', 'asset.bulk_change_batch']);

/** Who changed what lately. */
export function Recent() {
  const audit = useQuery({
    queryKey: ['events', 'recent'],
    queryFn: () => data(api.GET('/api/v1/audit', { params: { query: { limit: 60 } } })),
    refetchInterval: 30_000,
    // What machines do by themselves all day would hide what people did.
    select: (page) => page.items.filter((entry) => !ROUTINE.has(entry.action)).slice(0, SHOWN),
  });
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Recent changes</Title>
        <LinkText underline="always" to="/audit" size="xs">all</LinkText>
      </Group>
      {audit.error && <Problem what="The changes cannot be shown" error={audit.error} />}
      {audit.data?.length === 0 && <Text c="dimmed" size="sm">Nobody has changed anything yet.</Text>}
      <Stack gap={8}>
        {audit.data?.map((entry) => (
          <Group key={entry.id} justify="space-between" wrap="nowrap" gap="sm">
            <Text size="sm" truncate>
              {told(entry).noun}{' '}
              {entry.objectKind === 'asset' ? (
                <LinkText underline="always" to="/assets/$id" params={{ id: entry.objectName }} size="sm">{entry.objectName}</LinkText>
              ) : (
                <b title={entry.objectName}>{nameOf(entry)}</b>
              )}{' '}
              {told(entry).did} <Text span c="dimmed" size="sm" title={entry.actor}>by {called(entry.actor)}</Text>
            </Text>
            <Text size="xs" c="dimmed"><Ago at={entry.at} /></Text>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
