import { Badge, Button, Code, Drawer, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { raw } from '../../api/client';
import { SETTLED, useCommand, type Command } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Ago, absolute } from '../../ui/time';
import { called } from '../../ui/words';
import { Waterfall } from './Waterfall';

/** One command: what was asked, what the asset said, what happened when. */
export function CommandDrawer({ id, onClose, onShow }: { id: string | undefined; onClose: () => void; onShow: (id: string) => void }) {
  const command = useCommand(id);
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="lg" title={command.data ? `${command.data.name} on ${command.data.asset}` : 'Command'}>
      {command.error ? (
        <Problem what="The command cannot be shown" error={command.error} retry={() => void command.refetch()} />
      ) : command.data === undefined ? (
        <Loading what="loading the command…" />
      ) : (
        <Shown command={command.data} onShow={onShow} />
      )}
    </Drawer>
  );
}

function Shown({ command, onShow }: { command: Command; onShow: (id: string) => void }) {
  return (
    <Stack gap="md">
      <Group gap="xs">
        <State value={command.status} />
        {command.late && <Badge color="orange" variant="light" radius="sm" tt="none">after its deadline</Badge>}
        {command.attempt > 1 && <Badge color="gray" variant="light" radius="sm" tt="none">attempt {command.attempt}</Badge>}
      </Group>
      {command.reason && <Text size="sm">{command.reason}</Text>}
      {command.contradictions && <Text size="sm" c="orange">The asset said otherwise later: {command.contradictions.join(', ')}. Its first word counts.</Text>}
      <Text size="sm" c="dimmed">
        given <Ago at={command.createdAt} /> by {called(command.createdBy)} to{' '}
        <LinkText to="/assets/$id" params={{ id: command.asset }} search={{ tab: 'commands' }} size="sm" underline="always">{command.asset}</LinkText>
        {command.run && <>, part of <LinkText to="/commands/runs/$id" params={{ id: command.run }} size="sm" underline="always">a run</LinkText></>}
        {command.deadline && !SETTLED.has(command.status) && <>; ends <Ago at={command.deadline} /> at the latest</>}
      </Text>
      <Outcome command={command} />
      <Waterfall command={command} />
      <History command={command} />
      <Actions command={command} onShow={onShow} />
      <CommandLine label="same by command" command={`muster describe command ${command.id}`} />
    </Stack>
  );
}

/** What was asked, and what the asset answered. */
export function Outcome({ command }: { command: Command }) {
  const asked = command.parameters as Record<string, unknown>;
  const { output: _, ...rest } = (command.detail ?? {}) as Record<string, unknown>;
  return (
    <>
      {Object.keys(asked).length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>Parameters</Text>
          <Code block>{JSON.stringify(asked, null, 2)}</Code>
        </div>
      )}
      {command.output !== undefined && (
        <div>
          <Text size="sm" fw={600} mb={4}>Output</Text>
          <Code block mah={320} style={{ overflow: 'auto' }} data-testid="output">{command.output}</Code>
        </div>
      )}
      {Object.keys(rest).length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>Result</Text>
          <Code block mah={320} style={{ overflow: 'auto' }}>{JSON.stringify(rest, null, 2)}</Code>
        </div>
      )}
    </>
  );
}

function History({ command }: { command: Command }) {
  if (!command.history || command.history.length === 0) return null;
  return (
    <div>
      <Title order={3} mb={4}>What happened</Title>
      <Table>
        <Table.Tbody>
          {command.history.map((line, index) => (
            // Two words of the same moment are two lines.
            <Table.Tr key={`${line.at}${line.status}${index}`}>
              <Table.Td w="1%" style={{ whiteSpace: 'nowrap' }} c="dimmed">{absolute(line.at)}</Table.Td>
              <Table.Td>
                {line.status === 'sent' ? <Text size="sm">handed to the asset</Text> : <State value={line.status} />}
                {(line.reason ?? (line.contradicts ? 'otherwise than before; changes nothing' : '')) !== '' && (
                  <Text size="xs" c="dimmed">{line.reason ?? 'otherwise than before; changes nothing'}</Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Taking back what the asset has not taken, trying again what did not succeed. */
function Actions({ command, onShow }: { command: Command; onShow: (id: string) => void }) {
  const lacks = useMay('command');
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const told = () => queries.invalidateQueries({ queryKey: ['commands'] });
  const cancel = useMutation({ mutationFn: () => raw('POST', `/api/v1/commands/${command.id}/cancel`), onSettled: told });
  const again = async () => {
    const answer = await raw('POST', '/api/v1/commands', { retryOf: command.id, confirm: true });
    await told();
    onShow(((await answer.json()) as Command).id);
  };
  const withdrawable = command.status === 'queued' || command.status === 'pending';
  const retryable = SETTLED.has(command.status) && command.status !== 'succeeded';
  if (!withdrawable && !retryable) return null;
  return (
    <>
      {cancel.error && <Problem what="It was not taken back" error={cancel.error} />}
      <Group gap="xs">
        {withdrawable && <Button variant="default" disabled={lacks !== undefined} loading={cancel.isPending} onClick={() => cancel.mutate()}>Take it back</Button>}
        {retryable && <Button variant="default" disabled={lacks !== undefined} onClick={() => setAsks(true)}>Once more…</Button>}
        {lacks && <Text size="xs" c="dimmed">{lacks}</Text>}
      </Group>
      {asks && (
        <Confirm
          verb="Run again on"
          name={command.asset}
          consequence={<>{command.name} goes to {command.asset} once more, as attempt {command.attempt + 1}.{command.status === 'indeterminate' ? ' Nobody knows how the last one ended: look at the asset first.' : ''}</>}
          act={again}
          onClose={() => setAsks(false)}
          command={() => `muster run --retry-of ${command.id}`}
        />
      )}
    </>
  );
}
