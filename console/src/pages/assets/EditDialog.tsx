import { ActionIcon, Alert, Autocomplete, Button, Checkbox, Group, Loader, Modal, Select, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconInfoCircle, IconPlus, IconX } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data, raw, type Schemas } from '../../api/client';
import { TypedName } from '../../ui/confirm';
import { CommandLine, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import type { Selection } from './BulkBar';
import { word } from '../../ui/shell';
import { NOTHING, editOf, labelsOf, type Typed } from './edit';
import { useKeys, useValues } from './hooks';

type Preview = Schemas['AssetChangePreview'];

/** From how many on somebody has to type how many it are. */
const MANY = 20;
const LIFECYCLES = ['provisioned', 'active', 'maintenance', 'quarantined'];

/** Why assets are left out, in words. */
export const REASONS: Record<string, string> = {
  retired: 'are retired',
  lifecycle: 'may not go to this lifecycle from where they are',
  invalid: 'would not be valid',
  scope: 'would be outside of your scope',
  absent: 'are not there, or outside of your scope',
};

/** 128 bits of chance; crypto.randomUUID is there over https only, and a first server is often reached without. */
const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Labels, owner, place and lifecycle of many: shows who would change, who not and why, before anything does. */
export function EditDialog({ selection, onClose, onBegun }: { selection: Selection; onClose: () => void; onBegun: (change: string) => void }) {
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const [confirmed, setConfirmed] = useState('');
  // The same key for the same wish: a second click, or a broken connection, begins nothing twice.
  const [key] = useState(randomKey);
  const edit = editOf(typed);
  const body = edit && { ...selection, ...edit };
  const [asked] = useDebouncedValue(body === undefined ? '' : JSON.stringify(body), 400);
  const preview = useQuery({
    queryKey: ['asset-changes', 'preview', asked],
    enabled: asked !== '',
    queryFn: async () => (await (await raw('POST', '/api/v1/asset-changes?dryRun=true', JSON.parse(asked))).json()) as Preview,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
  const current = asked !== '' && JSON.stringify(body) === asked && !preview.isPlaceholderData ? preview.data : undefined;
  const name = `${current?.changed ?? 0} assets`;
  const begin = useMutation({
    mutationFn: async () => {
      const answer = await raw('POST', '/api/v1/asset-changes', { ...body, atMost: current?.changed }, { 'Idempotency-Key': `${key}-${current?.changed ?? 0}-${asked.length}` });
      return (await answer.json()) as Schemas['AssetChange'];
    },
    onSuccess: (change) => onBegun(change.id),
  });
  const ready = current !== undefined && current.changed > 0 && (current.changed <= MANY || confirmed === name);
  return (
    <Modal opened onClose={onClose} title="Change the chosen assets" size="xl">
      <form onSubmit={(event) => { event.preventDefault(); if (ready) begin.mutate(); }}>
        <Stack>
          <Labels typed={typed} onChange={setTyped} />
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
            <Known of="owner" label="Owner" value={typed.owner} onChange={(owner) => setTyped({ ...typed, owner })} />
            <Known of="region" label="Region" value={typed.region} onChange={(region) => setTyped({ ...typed, region })} />
            <Known of="site" label="Site" value={typed.site} onChange={(site) => setTyped({ ...typed, site })} />
            <Select label="Lifecycle" placeholder="as it is" clearable data={LIFECYCLES} value={typed.lifecycle || null} onChange={(lifecycle) => setTyped({ ...typed, lifecycle: lifecycle ?? '' })} />
          </SimpleGrid>
          <Text size="xs" c="dimmed">What is left empty stays as it is. To retire assets, which takes their credentials away, open each.</Text>
          {preview.error && asked !== '' ? (
            <Problem what="This cannot be changed" error={preview.error} />
          ) : edit === undefined ? (
            <Alert color="gray" icon={<IconInfoCircle />}><Text size="sm">Say what is to be changed; then you see here who would be, before anything is.</Text></Alert>
          ) : current === undefined ? (
            <Group gap="xs" role="status"><Loader size="xs" /><Text size="sm" c="dimmed">asking who would be changed…</Text></Group>
          ) : (
            <Affected preview={current} />
          )}
          {current !== undefined && current.changed > MANY && <TypedName name={name} value={confirmed} onChange={setConfirmed} />}
          {begin.error && <Problem what="Nothing was changed" error={begin.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Leave it</Button>
            <Button type="submit" disabled={!ready} loading={begin.isPending}>{current && current.changed > 0 ? `Change ${current.changed.toLocaleString()} ${current.changed === 1 ? 'asset' : 'assets'}` : 'Change'}</Button>
          </Group>
          {body && <CommandLine label="same by request" command={`curl -fsS -X POST -H "Authorization: Bearer $MUSTER_TOKEN" -H 'Content-Type: application/json' -d ${word(JSON.stringify(body))} ${window.location.origin}/api/v1/asset-changes`} />}
        </Stack>
      </form>
    </Modal>
  );
}

function Labels({ typed, onChange }: { typed: Typed; onChange: (typed: Typed) => void }) {
  const keys = useKeys();
  const groups = useQuery({ queryKey: ['groups', 'all'], queryFn: () => data(api.GET('/api/v1/groups', { params: { query: { limit: 1000 } } })), staleTime: 60_000 });
  const known = (groups.data?.items ?? []).map((group) => ({ name: group.metadata.name, labels: labelsOf((group.spec as { selector?: string }).selector ?? '') }));
  const set = (index: number, part: Partial<Typed['labels'][number]>) => onChange({ ...typed, labels: typed.labels.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  return (
    <Stack gap="xs">
      {typed.labels.map((label, index) => (
        <Group key={index} gap="xs" align="flex-end">
          <Autocomplete
            openOnFocus={false}
            label={index === 0 ? 'Label' : undefined}
            aria-label={`label ${index + 1}`}
            data-autofocus={index === 0 || undefined}
            placeholder="ring"
            data={(keys.data?.labels ?? []).map(({ value }) => value)}
            limit={30}
            value={label.key}
            onChange={(key) => set(index, { key })}
            style={{ flex: '1 1 120px' }}
          />
          <LabelValue index={index} label={label} onChange={(value) => set(index, { value })} />
          <Checkbox radius="sm" label="take away" checked={label.away} mb={8} onChange={(event) => set(index, { away: event.currentTarget.checked })} />
          <ActionIcon variant="subtle" color="gray" mb={4} aria-label={`leave label ${index + 1} out`} disabled={typed.labels.length === 1} onClick={() => onChange({ ...typed, labels: typed.labels.filter((_, at) => at !== index) })}><IconX size={16} /></ActionIcon>
        </Group>
      ))}
      <Group gap="xs" align="flex-end">
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange({ ...typed, labels: [...typed.labels, { key: '', value: '', away: false }] })}>Another label</Button>
        {known.length > 0 && (
          <Select
            size="xs"
            aria-label="move into a group"
            placeholder="Move into a group…"
            searchable
            value={null}
            data={known.map(({ name, labels }) => ({ value: name, label: labels === undefined ? `${name} (asks for more than labels)` : name, disabled: labels === undefined }))}
            onChange={(name) => {
              const labels = known.find((group) => group.name === name)?.labels;
              if (labels) {
                const others = typed.labels.filter(({ key }) => key !== '' && labels[key] === undefined);
                onChange({ ...typed, labels: [...others, ...Object.entries(labels).map(([key, value]) => ({ key, value, away: false }))] });
              }
            }}
          />
        )}
      </Group>
    </Stack>
  );
}

function LabelValue({ index, label, onChange }: { index: number; label: Typed['labels'][number]; onChange: (value: string) => void }) {
  const [word] = useDebouncedValue(label.value, 250);
  const values = useValues(label.key.trim() === '' ? undefined : `labels.${label.key.trim()}`, word);
  return (
    <Autocomplete
      label={index === 0 ? 'Value' : undefined}
      aria-label={`value of label ${index + 1}`}
      placeholder={label.away ? '' : 'canary'}
      disabled={label.away}
      data={(values.data ?? []).map(({ value }) => value).filter((value) => value !== '')}
      value={label.away ? '' : label.value}
      onChange={onChange}
      style={{ flex: '1 1 120px' }}
    />
  );
}

function Known({ of, label, value, onChange }: { of: string; label: string; value: string; onChange: (value: string) => void }) {
  const [word] = useDebouncedValue(value, 250);
  const [came, setCame] = useState(false);
  const values = useValues(came ? of : undefined, word);
  return <Autocomplete label={label} placeholder="as it is" data={(values.data ?? []).map((each) => each.value).filter((each) => each !== '')} value={value} onFocus={() => setCame(true)} onChange={onChange} />;
}

/** Who would change, who is left out and why. */
function Affected({ preview }: { preview: Preview }) {
  const left = Object.entries(preview.leftOut);
  return (
    <Stack gap="xs">
      <Group gap="lg" role="status">
        <Figure name="would change" value={preview.changed} />
        <Figure name="are so already" value={preview.unchanged} />
        <Figure name="left out" value={left.reduce((sum, [, count]) => sum + count, 0)} />
      </Group>
      {left.map(([reason, count]) => (
        <Text key={reason} size="sm">
          <b className="num">{count.toLocaleString()}</b> {REASONS[reason] ?? reason}:{' '}
          {preview.leftOutSample.filter((each) => each.reason === reason).slice(0, 5).map((each) => <LinkText key={each.asset} to="/assets/$id" params={{ id: each.asset }} size="sm" mr={6} title={each.why}>{each.asset}</LinkText>)}
          {count > 5 && '…'}
        </Text>
      ))}
      {preview.sample.length > 0 && (
        <>
          <Title order={3} fz="sm">{preview.changed > preview.sample.length ? `The first ${preview.sample.length}` : 'These'}</Title>
          <Table.ScrollContainer minWidth={420} mah={220}>
            <Table striped withRowBorders={false} verticalSpacing={3} fz="sm">
              <Table.Thead><Table.Tr><Table.Th>Asset</Table.Th><Table.Th>Now</Table.Th><Table.Th>Then</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {preview.sample.map((each) => (
                  <Table.Tr key={each.asset}>
                    <Table.Td>{each.asset}</Table.Td>
                    <Table.Td c="dimmed">{fields(each.before)}</Table.Td>
                    <Table.Td>{fields(each.after)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
    </Stack>
  );
}

function fields(values: Record<string, string>): string {
  return Object.entries(values).map(([field, value]) => `${field.replace('labels.', '')}: ${value === '' ? '–' : value}`).join(', ');
}

export function Figure({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <Text fz={22} fw={650} lh={1.2} className="num">{value.toLocaleString()}</Text>
      <Text size="xs" c="dimmed">{name}</Text>
    </div>
  );
}
