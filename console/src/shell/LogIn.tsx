import { Alert, Anchor, Button, Card, Center, Code, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { logIn } from '../api/client';
import { Problem } from '../ui/feedback';

/** Exchanges a token for a login; the token is forgotten at once, the cookie cannot be read by scripts. */
export function LogIn({ ended, onDone }: { ended: boolean; onDone: () => void }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  return (
    <Center mih="100dvh" p="md">
      <Card w="100%" maw={440} shadow="sm" padding="xl">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setBusy(true);
            setError(undefined);
            logIn(token)
              .then(() => {
                setToken('');
                onDone();
              })
              .catch(setError)
              .finally(() => setBusy(false));
          }}
        >
          <Stack>
            <Group gap="sm">
              <img src="/console/muster.svg" alt="" width={36} height={36} />
              <div>
                <Title order={1}>Muster</Title>
                <Text c="dimmed" size="sm">Log in with an API token</Text>
              </div>
            </Group>
            {ended && <Alert color="gray" icon={<IconInfoCircle />}>This login has ended: somebody logged out, nobody was here for a while, or the token is not valid any more. You come back to the same screen.</Alert>}
            <PasswordInput
              label="Token"
              placeholder="muster_…"
              autoFocus
              required
              autoComplete="current-password"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
            />
            {error !== undefined && <Problem what="This token does not log in" error={error} />}
            <Button type="submit" loading={busy} disabled={token.trim() === ''}>Log in</Button>
            <Text size="xs" c="dimmed">
              The first administrator's token is in the file <Code>admin.token</Code> of the server's data directory; further ones come
              from <Code>muster create token NAME --role operator</Code>. <Anchor size="xs" href="/readyz" underline="always">Is the server ready?</Anchor>
            </Text>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
