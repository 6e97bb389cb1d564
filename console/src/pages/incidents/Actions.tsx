import { Button, Card, Checkbox, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { raw } from '../../api/client';
import { useMay } from '../../shell/Session';
import { CommandLine, Empty, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { Ago } from '../../ui/time';
import { overdue, type Incident } from './incident';

/** What keeps it from coming back: who does it until when, and whether it is done. */
export function Actions({ incident }: { incident: Incident }) {
  const actions = incident.actions ?? [];
  const lacks = useMay('incident');
  const queries = useQueryClient();
  const today = new Date().toISOString().slice(0, 10);
  const again = () => queries.invalidateQueries({ queryKey: ['incidents'] });
  const done = useMutation({ mutationFn: (id: number) => raw('POST', `/api/v1/incidents/${incident.number}/actions/${id}/done`, {}), onSuccess: again });
  return (
    <Stack gap="sm">
      <Card>
        {actions.length === 0 ? <Empty title="Nothing is to be done yet">What keeps it from coming back, with an owner and a day; the postmortem lists it.</Empty> : (
          <Table.ScrollContainer minWidth={520}>
            <Table verticalSpacing="xs">
              <Table.Thead><Table.Tr><Table.Th w={90}>Done</Table.Th><Table.Th>What</Table.Th><Table.Th>Owner</Table.Th><Table.Th>Due</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {actions.map((action) => (
                  <Table.Tr key={action.id} style={{ verticalAlign: 'top' }}>
                    <Table.Td>{action.doneAt ? <State value="done" title={`by ${action.doneBy ?? 'somebody'}`} /> : <Checkbox aria-label={`${action.text} is done`} checked={false} disabled={lacks !== undefined || done.isPending} title={lacks} onChange={() => done.mutate(action.id)} />}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{action.text}{action.doneAt && <Text size="xs" c="dimmed">done by {action.doneBy} <Ago at={action.doneAt} /></Text>}</Table.Td>
                    <Table.Td>{action.owner}</Table.Td>
                    <Table.Td style={{ whiteSpace: 'nowrap' }}>{action.due} {overdue(action, today) && <State value="overdue" as="warn" />}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {done.error && <Problem what="It was not written down" error={done.error} />}
      </Card>
      <Add incident={incident} lacks={lacks} onDone={again} />
    </Stack>
  );
}

function Add({ incident, lacks, onDone }: { incident: Incident; lacks: string | undefined; onDone: () => Promise<unknown> }) {
  const [text, setText] = useState('');
  const [owner, setOwner] = useState('');
  const [due, setDue] = useState('');
  const complete = text.trim() !== '' && owner.trim() !== '' && due !== '';
  const add = useMutation({
    mutationFn: () => raw('POST', `/api/v1/incidents/${incident.number}/actions`, { text: text.trim(), owner: owner.trim(), due }),
    onSuccess: async () => {
      setText('');
      await onDone();
    },
  });
  return (
    <Card>
      <form onSubmit={(event) => { event.preventDefault(); if (complete) add.mutate(); }}>
        <Stack gap="sm">
          <Group align="flex-end" gap="sm">
            <TextInput label="What is to be done" value={text} onChange={(event) => setText(event.currentTarget.value)} maxLength={1000} style={{ flex: '3 1 260px' }} />
            <TextInput label="Owner" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} maxLength={200} style={{ flex: '1 1 120px' }} />
            <TextInput label="Due" type="date" value={due} onChange={(event) => setDue(event.currentTarget.value)} style={{ flex: '0 1 150px' }} />
            <Button type="submit" disabled={!complete || lacks !== undefined} title={lacks} loading={add.isPending}>Add</Button>
          </Group>
          {add.error && <Problem what="It was not added" error={add.error} />}
          <CommandLine label="same by command" command={line('muster', 'incident', 'action', incident.name, text || 'TEXT', '--owner', owner || 'NAME', '--due', due || 'DAY')} />
        </Stack>
      </form>
    </Card>
  );
}
