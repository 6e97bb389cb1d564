import { Alert, Button, Card, Checkbox, Group, Modal, NumberInput, SegmentedControl, Select, Stack, TagsInput, Text, TextInput, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../api/client';
import { useAssetTypes, usePages } from '../../api/hooks';
import { Page } from '../../shell/Page';
import { useMay } from '../../shell/Session';
import { Ask } from '../../ui/act';
import { CommandLine, Empty, Loading, Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { DataTable, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { called } from '../../ui/words';

type ClaimToken = Schemas['ClaimToken'];

export default function ClaimTokens() {
  const lacks = useMay('claim token');
  const [open, { open: show, close }] = useDisclosure(false);
  const queries = useQueryClient();
  const list = usePages<ClaimToken>(['claim-tokens'], '/api/v1/claim-tokens', { limit: 200 }, 30_000);
  const [revokes, setRevokes] = useState<ClaimToken>();
  const columns: Column<ClaimToken>[] = [
    { key: 'name', title: 'Name', width: 'minmax(8rem, min(24rem, 30%))', cell: (row) => <b>{row.name}</b> },
    { key: 'state', title: 'State', width: '8rem', cell: (row) => <State value={row.state} /> },
    { key: 'type', title: 'Type', width: 'minmax(6rem, min(14rem, 15%))', cell: (row) => row.type, wide: true },
    { key: 'uses', title: 'Used', width: '7.5rem', numeric: true, cell: (row) => `${row.used} of ${row.uses}`, wide: true },
    { key: 'ends', title: 'Ends', width: '7rem', cell: (row) => <Ago at={row.expiresAt} />, wide: true },
    { key: 'by', title: 'Made by', width: 'minmax(6rem, 1fr)', cell: (row) => <span title={row.createdBy}>{called(row.createdBy)}</span>, wide: true },
    {
      key: 'revoke',
      title: '',
      width: '6.5rem',
      cell: (row) =>
        row.revokedAt ? null : (
          <Button size="compact-xs" variant="subtle" color="red" disabled={lacks !== undefined} title={lacks} onClick={() => setRevokes(row)}>
            Revoke…
          </Button>
        ),
    },
  ];
  const add = (
    <Tooltip label={lacks} disabled={lacks === undefined}>
      <Button leftSection={<IconPlus size={16} />} onClick={show} disabled={lacks !== undefined}>New claim token</Button>
    </Tooltip>
  );
  return (
    <Page title="Enrolment" note="claim tokens: with one a new device gets its first certificate" actions={add}>
      {list.error ? (
        <Problem what="The claim tokens cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading what="loading claim tokens…" />
      ) : list.rows.length === 0 ? (
        <Card><Empty title="There is no claim token" command="muster claim-token create --type linux-device --uses 10">Make one, put it on the devices, and they enrol by themselves.</Empty></Card>
      ) : (
        <DataTable label="claim tokens" columns={columns} rows={list.rows} rowKey={(row) => row.id} more={() => void list.fetchNextPage()} hasMore={list.hasNextPage} busy={list.isFetchingNextPage} />
      )}
      <CommandLine label="same by command" command="muster get claim-tokens" />
      <Modal opened={open} onClose={close} title="New claim token" size="lg"><NewClaimToken onDone={close} /></Modal>
      {revokes && (
        <Ask
          verb="Revoke"
          name={revokes.name}
          consequence={`No device enrols with it any more, at once and for good; ${revokes.used === 0 ? 'none has' : `the ${revokes.used.toLocaleString()} that did keep their certificates`}.`}
          act={async () => {
            await raw('DELETE', `/api/v1/claim-tokens/${encodeURIComponent(revokes.id)}`);
            await queries.invalidateQueries({ queryKey: ['claim-tokens'] });
          }}
          onClose={() => setRevokes(undefined)}
          command={() => line('muster', 'claim-token', 'revoke', revokes.id)}
        />
      )}
    </Page>
  );
}

const PROFILES = ['linux-device', 'any device'] as const;

/** How a device uses a token: what to paste, by what the device can do. */
export function HowTo({ token }: { token: string }) {
  const [profile, setProfile] = useState<string>(PROFILES[0]);
  const host = window.location.hostname;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>How to use it</Text>
      <SegmentedControl size="xs" w="fit-content" aria-label="kind of device" data={[...PROFILES]} value={profile} onChange={setProfile} />
      {profile === 'linux-device' ? (
        <>
          <Text size="sm" c="dimmed">With the agent; a file is not seen by other users, as a flag would be:</Text>
          <CommandLine command={`muster agent --server ${host} --token ${token}`} />
        </>
      ) : (
        <>
          <Text size="sm" c="dimmed">By EST (RFC 7030), with openssl and curl: the token is the password. With the certificate it then speaks MQTT.</Text>
          {[
            `EST=https://${host}:8443/.well-known/est; TOKEN=${token}`,
            'curl -sk $EST/cacerts | openssl base64 -d | openssl pkcs7 -inform der -print_certs -out ca.pem',
            'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out csr.pem -subj /CN=asset-1',
            "curl -sSf --cacert ca.pem -u asset-1:$TOKEN -H 'Content-Type: application/pkcs10' --data-binary @csr.pem $EST/simpleenroll | openssl base64 -d | openssl pkcs7 -inform der -print_certs -out cert.pem",
          ].map((command) => <CommandLine key={command} command={command} />)}
          <Text size="xs" c="dimmed">8443 is the port unless the server was told another; asset-1 stands for the id of the asset.</Text>
        </>
      )}
      <Text size="xs" c="dimmed">What follows the point in the token is the hash of the server's root key (SHA-256, SPKI): a device compares it with the root in ca.pem, and cannot be taken in by another server. The agent does so by itself.</Text>
    </Stack>
  );
}

function NewClaimToken({ onDone }: { onDone: () => void }) {
  const types = useAssetTypes();
  const queries = useQueryClient();
  const [type, setType] = useState<string | null>(null);
  const [uses, setUses] = useState<number | string>(1);
  const [expiresIn, setExpiresIn] = useState('24h');
  const [name, setName] = useState('');
  const [idPattern, setIdPattern] = useState('');
  const [region, setRegion] = useState('');
  const [site, setSite] = useState('');
  const [labels, setLabels] = useState<string[]>([]);
  const [allowReenrol, setAllowReenrol] = useState(false);
  const wrongLabel = labels.find((label) => !/^[^=]+=/.test(label));
  const create = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/claim-tokens', {
          body: {
            type: type ?? '',
            uses: Number(uses),
            expiresIn,
            allowReenrol,
            ...(name && { name }),
            ...(idPattern && { idPattern }),
            ...(region && { region }),
            ...(site && { site }),
            ...(labels.length > 0 && { labels: Object.fromEntries(labels.map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)])) }),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['claim-tokens'] }),
  });
  const errorAt = (field: string) => (create.error instanceof ProblemError ? create.error.errors.find((each) => each.field === field || each.field.startsWith(`${field}.`))?.message : undefined);
  if (create.data) {
    return (
      <Stack>
        <Alert color="teal" title="Shown this once">Copy it now; the server keeps only its hash.</Alert>
        <CommandLine command={create.data.token} />
        <HowTo token={create.data.token} />
        <Button onClick={onDone}>Done</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <Stack>
        <Select label="Type of the assets" required searchable data-autofocus data={types.data ?? []} value={type} onChange={setType} error={errorAt('type')} />
        <Group grow align="flex-start">
          <NumberInput label="Uses" description="how many devices may enrol with it" min={1} max={1_000_000} value={uses} onChange={setUses} error={errorAt('uses')} />
          <TextInput label="Valid for" description="such as 30m, 24h, 7d" value={expiresIn} onChange={(event) => setExpiresIn(event.currentTarget.value)} error={errorAt('expiresIn')} />
        </Group>
        <TextInput label="Name" description="so that you know it again" value={name} onChange={(event) => setName(event.currentTarget.value)} error={errorAt('name')} />
        <TextInput label="Only these ids" description="* is any characters, ? is one; empty: any" placeholder="pump-*" value={idPattern} onChange={(event) => setIdPattern(event.currentTarget.value)} error={errorAt('idPattern')} />
        <Group grow align="flex-start">
          <TextInput label="Region" value={region} onChange={(event) => setRegion(event.currentTarget.value)} error={errorAt('region')} />
          <TextInput label="Site" value={site} onChange={(event) => setSite(event.currentTarget.value)} error={errorAt('site')} />
        </Group>
        <TagsInput label="Labels" description="of the assets that it makes, KEY=VALUE each" placeholder="channel=stable" value={labels} onChange={setLabels} error={wrongLabel ? `${wrongLabel} is not KEY=VALUE` : errorAt('labels')} />
        <Checkbox radius="sm" label="Also for assets that hold a valid certificate" description="for exchanged hardware; their certificates are then revoked" checked={allowReenrol} onChange={(event) => setAllowReenrol(event.currentTarget.checked)} />
        {create.error && <Problem what="The token was not made" error={create.error} />}
        <Button type="submit" loading={create.isPending} disabled={type === null || wrongLabel !== undefined}>Make it</Button>
        <CommandLine
          label="same by command"
          command={line('muster', 'claim-token', 'create', '--type', type ?? 'TYPE', '--uses', String(uses), '--expires', expiresIn, ...(name ? ['--name', name] : []), ...(idPattern ? ['--ids', idPattern] : []), ...(region ? ['--region', region] : []), ...(site ? ['--site', site] : []), ...labels.flatMap((label) => ['--label', label]), allowReenrol ? '--allow-reenrol' : undefined)}
        />
      </Stack>
    </form>
  );
}
