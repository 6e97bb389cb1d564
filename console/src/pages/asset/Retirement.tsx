import { Alert, Button, Checkbox, Group, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconProgress } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, type Schemas } from '../../api/client';
import type { Asset } from '../../api/hooks';
import { useMay } from '../../shell/Session';
import { Confirm } from '../../ui/confirm';
import { Ago } from '../../ui/time';

type Retirement = Schemas['Retirement'];

const UNDER_WAY = ['wiping', 'leaving', 'cutting_off', 'settling'];

/** The newest retirement of an asset; null when nobody ever asked for one. */
export function useRetirement(id: string) {
  return useQuery({
    queryKey: ['assets', id, 'retirement'],
    queryFn: async (): Promise<Retirement | null> => {
      const { data: newest } = await api.GET('/api/v1/assets/{id}/retirement', { params: { path: { id } } });
      return newest ?? null;
    },
    refetchInterval: (query) => (UNDER_WAY.includes(query.state.data?.phase ?? '') ? 1_000 : 15_000),
  });
}

/** How far it is and why; nothing for an asset that stays. */
export function RetirementState({ asset }: { asset: Asset }) {
  const { data: retirement } = useRetirement(asset.id);
  if (!retirement || retirement.restoredAt || retirement.phase === 'taken_back') return null;
  const underWay = UNDER_WAY.includes(retirement.phase);
  const unconfirmed = retirement.wipe === 'unconfirmed';
  return (
    <Alert
      color={unconfirmed ? 'orange' : underWay ? 'blue' : 'gray'}
      icon={unconfirmed ? <IconAlertTriangle /> : underWay ? <IconProgress /> : <IconBan />}
      title={underWay ? 'It is being retired' : retirement.phase === 'kept' ? 'It was not retired' : 'It is retired'}
    >
      <Text size="sm">
        {retirement.summary}, since <Ago at={retirement.since} />; asked for by {retirement.requestedBy} <Ago at={retirement.requestedAt} />
        {retirement.reason !== '' && <> ({retirement.reason})</>}
      </Text>
    </Alert>
  );
}

/** Retires it, or brings it back: by typing its id. */
export function RetireButton({ asset }: { asset: Asset }) {
  const lacksOperator = useMay('asset');
  const lacksAdmin = useMay('asset', 'admin');
  const { data: retirement } = useRetirement(asset.id);
  const [asks, setAsks] = useState(false);
  const back = asset.lifecycle === 'retired' || retirement?.phase === 'wiping';
  const lacks = back ? lacksAdmin : lacksOperator;
  return (
    <>
      <Tooltip label={lacks} disabled={lacks === undefined}>
        <Button color={back ? 'cyan' : 'red'} variant="light" disabled={lacks !== undefined} onClick={() => setAsks(true)}>
          {asset.lifecycle === 'retired' ? 'Restore…' : back ? 'Take its retirement back…' : 'Retire…'}
        </Button>
      </Tooltip>
      {asks && (back ? <Restoring asset={asset} onClose={() => setAsks(false)} /> : <Retiring asset={asset} onClose={() => setAsks(false)} />)}
    </>
  );
}

function Retiring({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const queries = useQueryClient();
  const [wipe, setWipe] = useState(true);
  return (
    <Confirm
      verb="Retire"
      name={asset.id}
      reasoned
      consequence={
        <>
          It goes out of the fleet for good: its certificates are revoked, nothing lets it in any more, its history stays.
          <Group mt="sm"><Checkbox checked={wipe} onChange={(event) => setWipe(event.currentTarget.checked)} label="First it wipes itself; if it is offline, it has until the server's deadline" /></Group>
        </>
      }
      act={async (reason) => {
        await data(api.POST('/api/v1/assets/{id}/retirement', { params: { path: { id: asset.id } }, body: { wipe, reason, confirm: true } }));
        await queries.invalidateQueries({ queryKey: ['assets', asset.id] });
      }}
      onClose={onClose}
      command={(reason) => `muster retire ${asset.id}${wipe ? '' : ' --no-wipe'}${reason === '' ? '' : ` --reason '${reason.replaceAll("'", "'\\''")}'`}`}
    />
  );
}

function Restoring({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <Confirm
      verb="Restore"
      name={asset.id}
      reasoned
      harmless
      consequence={asset.lifecycle === 'retired' ? 'It is registered again, without a certificate: it has to enrol with a new claim token.' : 'If it has not taken the wipe, it stays as it was.'}
      act={async (reason) => {
        await data(api.POST('/api/v1/assets/{id}/restore', { params: { path: { id: asset.id } }, body: { reason } }));
        await queries.invalidateQueries({ queryKey: ['assets', asset.id] });
      }}
      onClose={onClose}
      command={(reason) => `muster asset restore ${asset.id}${reason === '' ? '' : ` --reason '${reason.replaceAll("'", "'\\''")}'`}`}
    />
  );
}
