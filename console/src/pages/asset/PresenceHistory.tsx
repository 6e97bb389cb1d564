import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import { Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Ago, Since, absolute, span } from '../../ui/time';
import { Section } from './AssetPage';

const REASONS: Record<string, string> = {
  session_opened: 'it connected',
  sign_of_life: 'it gave a sign of life',
  silent: 'silent for longer than its type allows',
  server_restart: 'did not come back after a restart of the server',
};

/** The history is newest first: what comes before a change in it ended it. */
function lasted(until: string | undefined, from: string) {
  return until === undefined ? <Since at={from} /> : span((Date.parse(until) - Date.parse(from)) / 1000);
}

export function PresenceHistory({ id }: { id: string }) {
  const presence = useQuery({
    queryKey: ['assets', id, 'presence'],
    queryFn: () => data(api.GET('/api/v1/assets/{id}/presence', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  if (presence.error) return <Problem what="The presence cannot be shown" error={presence.error} />;
  if (!presence.data) return <Loading what="loading…" />;
  return (
    <Section title="Changes of presence">
      {presence.data.history.length === 0 ? (
        <Text c="dimmed" size="sm">It was never seen: no session, no sign of life.</Text>
      ) : (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead><Table.Tr><Table.Th>When</Table.Th><Table.Th>Became</Table.Th><Table.Th>For</Table.Th><Table.Th>Because</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {presence.data.history.map((change, index) => (
                <Table.Tr key={`${change.at}${change.to}`}>
                  <Table.Td><LinkText to="/assets/$id" params={{ id }} search={{ tab: 'timeline', at: change.at }} size="sm" title={absolute(change.at)}><Ago at={change.at} /></LinkText></Table.Td>
                  <Table.Td><State value={change.to} /></Table.Td>
                  <Table.Td className="num">{lasted(presence.data.history[index - 1]?.at, change.at)}</Table.Td>
                  <Table.Td>{REASONS[change.reason] ?? change.reason.replaceAll('_', ' ')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}
