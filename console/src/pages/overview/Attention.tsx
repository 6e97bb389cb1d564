import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { useOverview } from '../../api/hooks';
import { unlessTold } from '../../api/stream';
import { Problem } from '../../ui/feedback';
import { State } from '../../ui/state';
import { LinkText } from '../../ui/links';
import { Ago, inOurTime } from '../../ui/time';
import { Standing } from '../incidents/Incidents';

/** As many as the overview names of those that are away. */
const SOME = 6;

/** What is wrong now: incidents that are open, alerts that page, assets that should be reachable and are not, certificates that end soon. */
export function Attention() {
  const overview = useOverview();
  const away = overview.data?.away;
  const expiring = useQuery({
    queryKey: ['certificates', 'expiring'],
    queryFn: () =>
      data(
        api.GET('/api/v1/certificates', {
          params: { query: { expiresBefore: new Date(Date.now() + 7 * 86_400_000).toISOString(), limit: SOME } },
        }),
      ),
    refetchInterval: 60_000,
  });
  const pages = useQuery({
    queryKey: ['alerts', 'attention'],
    queryFn: () => data(api.GET('/api/v1/alerts', { params: { query: { state: 'firing', severity: 'page', limit: SOME } } })),
    refetchInterval: unlessTold(10_000),
  });
  const incidents = useQuery({
    queryKey: ['incidents', 'attention'],
    queryFn: () => data(api.GET('/api/v1/incidents', { params: { query: { state: 'open', limit: SOME } } })),
    refetchInterval: unlessTold(10_000),
  });
  const certificates = (expiring.data?.items ?? []).filter((certificate) => !certificate.revokedAt && !certificate.supersededBy);
  const error = overview.error ?? expiring.error ?? pages.error ?? incidents.error;
  const calm = away?.length === 0 && expiring.data !== undefined && certificates.length === 0 && pages.data?.items.length === 0 && incidents.data?.items.length === 0;
  return (
    <Card>
      <Title order={2} mb="sm">Needs attention</Title>
      {error && <Problem what="This cannot be told now" error={error} />}
      {calm && <Text c="dimmed" size="sm">Nothing: no page fires, no incident is open, no asset in service has gone silent, and no certificate ends within 7 days.</Text>}
      <Stack gap={8}>
        {incidents.data?.items.map((incident) => (
          <Group key={incident.name} justify="space-between" wrap="nowrap" gap="sm">
            <LinkText to="/incidents/$number" params={{ number: String(incident.number) }} size="sm" truncate>{incident.name} {inOurTime(incident.title)}</LinkText>
            <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
              <Standing incident={incident} />
              <Text size="xs" c="dimmed" visibleFrom="xs"><Ago at={incident.evidenceAt} /></Text>
            </Group>
          </Group>
        ))}
        {(incidents.data?.continue ?? '') !== '' && <LinkText to="/incidents" search={{ show: 'open' }} size="xs">all that are open</LinkText>}
        {pages.data?.items.map((alert) => (
          <Group key={alert.fingerprint} justify="space-between" wrap="nowrap" gap="sm">
            <LinkText to="/alerts/$fingerprint" params={{ fingerprint: alert.fingerprint }} size="sm" truncate title={inOurTime(alert.summary)}>{alert.name}: {inOurTime(alert.summary)}</LinkText>
            <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
              <State value={alert.severity} title={alert.acknowledgement ? `${alert.acknowledgement.by} looks after it` : 'nobody looks after it'} />
              <Text size="xs" c="dimmed" visibleFrom="xs"><Ago at={alert.since} /></Text>
            </Group>
          </Group>
        ))}
        {(pages.data?.continue ?? '') !== '' && <LinkText to="/alerts" search={{ severity: 'page' }} size="xs">all that page</LinkText>}
        {away?.map(({ asset, presence, since }) => (
          <Group key={asset} justify="space-between" wrap="nowrap" gap="sm">
            <LinkText to="/assets/$id" params={{ id: asset }} size="sm" truncate>{asset}</LinkText>
            <Group gap="xs" wrap="nowrap">
              <State value={presence} />
              <Text size="xs" c="dimmed"><Ago at={since} /></Text>
            </Group>
          </Group>
        ))}
        {certificates.map((certificate) => (
          <Group key={certificate.serial} justify="space-between" wrap="nowrap" gap="sm">
            <LinkText to="/assets/$id" params={{ id: certificate.asset }} size="sm" truncate>{certificate.asset}</LinkText>
            <Text size="xs" c="dimmed">certificate ends <Ago at={certificate.notAfter} /></Text>
          </Group>
        ))}
        {away?.length === SOME && (
          <LinkText to="/assets" search={{ presence: 'offline' }} size="xs">all that are offline</LinkText>
        )}
      </Stack>
    </Card>
  );
}
