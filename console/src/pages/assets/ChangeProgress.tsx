import { Alert, Button, Group, List, Modal, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, data, raw } from '../../api/client';
import { useMay } from '../../shell/Session';
import { CommandLine, Loading, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { State } from '../../ui/state';
import { Figure, REASONS } from './EditDialog';
import { toldOf } from './edit';

/** How far a change of many assets is; the server goes on with it also when nobody looks. */
export function ChangeProgress({ id, onClose }: { id: string; onClose: () => void }) {
  const queries = useQueryClient();
  const lacks = useMay('asset');
  const answer = useQuery({
    queryKey: ['asset-changes', id],
    queryFn: () => data(api.GET('/api/v1/asset-changes/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.state === 'running' ? 500 : false),
  });
  const stop = useMutation({
    mutationFn: () => raw('POST', `/api/v1/asset-changes/${id}/stop`),
    onSettled: () => void answer.refetch(),
  });
  const change = answer.data;
  const over = change !== undefined && change.state !== 'running';
  useEffect(() => {
    if (over) for (const key of ['assets', 'asset-facets', 'asset-keys', 'overview', 'groups']) void queries.invalidateQueries({ queryKey: [key] });
  }, [over, queries]);
  const left = Object.entries(change?.leftOut ?? {});
  return (
    <Modal opened onClose={onClose} title="Change of many assets" size="lg">
      {answer.error && !change ? (
        <Problem what="How far it is cannot be told" error={answer.error} retry={() => void answer.refetch()} />
      ) : change === undefined ? (
        <Loading what="it was begun…" />
      ) : (
        <Stack>
          <Group gap="xs" role="status"><State value={change.state === 'stopped' ? 'aborted' : change.state} /><Text size="sm" c="dimmed">{toldOf(change)}</Text></Group>
          {!over && <Progress value={100} animated aria-label="under way" />}
          {change.stopped && <Alert color="orange" icon={<IconAlertTriangle />}><Text size="sm">{change.stopped}</Text></Alert>}
          <Group gap="lg">
            <Figure name="changed" value={change.changed} />
            <Figure name="were so already" value={change.unchanged} />
            <Figure name="left out" value={left.reduce((sum, [, count]) => sum + count, 0)} />
          </Group>
          {left.map(([reason, count]) => (
            <div key={reason}>
              <Text size="sm"><b className="num">{count.toLocaleString()}</b> {REASONS[reason] ?? reason}</Text>
              <List size="sm" pl="xs">
                {change.leftOutSample.filter((each) => each.reason === reason).map((each) => <List.Item key={each.asset}><LinkText to="/assets/$id" params={{ id: each.asset }} size="sm">{each.asset}</LinkText> <Text span size="xs" c="dimmed">{each.why}</Text></List.Item>)}
              </List>
            </div>
          ))}
          {stop.error && <Problem what="It was not stopped" error={stop.error} />}
          <Group justify="flex-end">
            {!over && <Button variant="light" color="red" disabled={lacks !== undefined} title={lacks} loading={stop.isPending} onClick={() => stop.mutate()}>Stop it</Button>}
            <LinkText to="/audit" search={{ object: `asset-change/${id}` }} size="sm">in the audit trail</LinkText>
            <Button onClick={onClose}>{over ? 'Done' : 'Do not wait'}</Button>
          </Group>
          <CommandLine label="same by request" command={`curl -fsS -H "Authorization: Bearer $MUSTER_TOKEN" ${window.location.origin}/api/v1/asset-changes/${id}`} />
        </Stack>
      )}
    </Modal>
  );
}
