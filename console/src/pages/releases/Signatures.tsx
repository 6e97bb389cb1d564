import { Badge, Card, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconCheck, IconKey } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ProblemError, raw } from '../../api/client';
import { Loading, Problem } from '../../ui/feedback';
import { Ago, useNow } from '../../ui/time';
import { signersOf, type Signed, type Signers } from './tuf';

const SOON = 14 * 86_400_000;

/** One file of the signed metadata; undefined where there is none. */
function useFile(name: string) {
  return useQuery({
    queryKey: ['releases', 'metadata', name],
    queryFn: async () => {
      try {
        return (await (await raw('GET', `/api/v1/tuf/${encodeURIComponent(name)}`)).json()) as Signed;
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Who signed what names this release, and until when assets believe it. */
export function Signatures({ component }: { component: string }) {
  const root = useFile('root.json');
  const targets = useFile('targets.json');
  const own = useFile(`releases-${component}.json`);
  const error = root.error ?? targets.error ?? own.error;
  return (
    <Card>
      <Title order={2} mb={4}>Signatures</Title>
      <Text size="xs" c="dimmed" mb="sm">Verified by the server when it was published, and by each asset again before it installs. The server holds none of these keys.</Text>
      {error ? <Problem what="The signatures cannot be shown" error={error} /> : root.isPending || targets.isPending || own.isPending ? <Loading what="reading the signed metadata…" /> : (
        <Stack gap="md">{signersOf(component, { root: root.data ?? undefined, targets: targets.data ?? undefined, own: own.data ?? undefined }).map((each) => <Role key={each.role} signers={each} component={component} />)}</Stack>
      )}
    </Card>
  );
}

const SAYS: Record<string, string> = { targets: 'says who may sign which component', root: 'says who may sign for whom' };

function Role({ signers: { role, version, expires, threshold, keys }, component }: { signers: Signers; component: string }) {
  const left = new Date(expires).getTime() - useNow();
  const by = keys.filter((key) => key.signed).length;
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={600}>{role}</Text>
        <Text size="xs" c="dimmed">{SAYS[role] ?? `names the releases of ${component}`}; version {version}</Text>
      </Group>
      <Text size="sm">
        signed by {by} of {keys.length} {keys.length === 1 ? 'key' : 'keys'}, {threshold} {threshold === 1 ? 'is' : 'are'} needed; {left < 0 ? 'ended' : 'ends'} <Ago at={expires} />{' '}
        {left < SOON && <Badge size="sm" radius="sm" tt="none" variant="light" color={left < 0 ? 'red' : 'orange'}>{left < 0 ? 'assets trust it no more' : 'sign again soon'}</Badge>}
      </Text>
      <Group gap={6} mt={4}>
        {keys.map((key) => (
          <Tooltip key={key.id} label={`${key.id}: ${key.signed ? 'has signed' : 'may sign, and has not'}`} multiline maw={420} style={{ overflowWrap: 'anywhere' }}>
            <Badge tabIndex={0} variant={key.signed ? 'light' : 'default'} color={key.signed ? 'teal' : 'gray'} radius="sm" tt="none" fw={500} ff="monospace" style={key.signed ? { '--badge-color': 'light-dark(#0b4d3a, #63e6be)' } : {}} leftSection={key.signed ? <IconCheck size={13} aria-label="has signed" /> : <IconKey size={13} aria-label="has not signed" />}>{key.id.slice(0, 12)}…</Badge>
          </Tooltip>
        ))}
      </Group>
    </div>
  );
}
