import { ActionIcon, Autocomplete, Button, Card, Checkbox, Code, Collapse, Group, Menu, NumberInput, Select, SimpleGrid, Stack, TagsInput, Text, TextInput, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../../api/client';
import { withFields, type Gate } from './draft';
import { GATE_KINDS, VALUES, kindOf, newGate, type GateKind } from './gates';
import { numberOf, type StepProps } from './form';

const MONO = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

/** What stops it. */
export function GatesStep(props: StepProps) {
  const { draft: { spec }, change, errorAt } = props;
  const gates = spec.gates ?? [];
  const set = (next: Gate[]) => change({ gates: next.length === 0 ? undefined : next });
  const add = (kind: GateKind | undefined) => set([...gates, newGate(kind, gates.map((gate) => gate.name))]);
  return (
    <Stack gap="md">
      <Failures {...props} />
      <div>
        <Text size="sm" fw={600}>Gates</Text>
        <Text size="xs" c="dimmed">Asked of each wave when it is done, before the next one opens. What is not known is never a yes: the wave waits, and then it pauses.</Text>
      </div>
      {gates.map((gate, index) => (
        <GateCard
          key={index}
          gate={gate}
          error={errorAt(`spec.gates[${index}]`, true)}
          edit={(fields) => set(gates.map((each, at) => (at === index ? withFields(each, fields) : each)))}
          remove={() => set(gates.filter((_, at) => at !== index))}
        />
      ))}
      {gates.length === 0 && <Text size="sm" c="dimmed">None yet: only failures of the change itself are judged.</Text>}
      {errorAt('spec.gates') && <Text size="xs" c="red" role="alert">{errorAt('spec.gates')}</Text>}
      <Menu position="bottom-start" width={300}>
        <Menu.Target><Button variant="default" size="compact-sm" w="fit-content" leftSection={<IconPlus size={14} />}>Add a gate</Button></Menu.Target>
        <Menu.Dropdown>
          {GATE_KINDS.map((kind) => <Menu.Item key={kind.key} onClick={() => add(kind)}>{kind.title}</Menu.Item>)}
          <Menu.Divider />
          <Menu.Item onClick={() => add(undefined)}>An expression of one's own (CEL)</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Stack>
  );
}

function Failures({ draft: { spec }, change, errorAt }: StepProps) {
  const failures = spec.failures ?? {};
  const edit = (fields: { [K in keyof typeof failures]?: (typeof failures)[K] | undefined }) => change({ failures: withFields(failures, fields) });
  const strata = failures.scope === 'stratum';
  return (
    <Card padding="sm">
      <Text size="sm" fw={600}>When too many fail</Text>
      <Text size="xs" c="dimmed" mb="sm">An asset has failed when it does not run the new version healthily through its soak.</Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NumberInput
          label="A wave bears"
          description="share of failures"
          suffix="%"
          min={0}
          max={100}
          value={parseFloat(failures.threshold ?? '10')}
          error={errorAt('spec.failures.threshold')}
          onChange={(value) => edit({ threshold: value === '' ? undefined : `${value}%` })}
        />
        <NumberInput
          label="Judged from"
          description="outcomes; fewer prove nothing"
          min={1}
          value={failures.minSamples ?? 1}
          error={errorAt('spec.failures.minSamples')}
          onChange={(value) => edit({ minSamples: numberOf(value) })}
        />
        <Select
          label="Beyond that"
          description="for gates below, too, where they say nothing else"
          allowDeselect={false}
          data={[{ value: 'rollback', label: 'everybody goes back' }, { value: 'pause', label: 'it pauses, and a person decides' }]}
          value={failures.then ?? 'rollback'}
          error={errorAt('spec.failures.then')}
          onChange={(then) => edit({ then: then ?? undefined })}
        />
        <Select
          label="It concerns"
          description="whom a failure stops or sends back"
          allowDeselect={false}
          data={[{ value: 'all', label: 'all waves' }, { value: 'wave', label: 'this wave and later ones' }, { value: 'stratum', label: 'only those like the failed ones' }]}
          value={failures.scope ?? 'all'}
          error={errorAt('spec.failures.scope')}
          onChange={(scope) => edit({ scope: scope === 'all' ? undefined : scope ?? undefined, by: undefined })}
        />
      </SimpleGrid>
      {strata && (
        <TagsInput
          mt="sm"
          label="Told apart by"
          description="some of what the waves are mixed by; the others go on when it is no chance (Fisher's exact test)"
          data={spec.stratify ?? []}
          value={failures.by ?? []}
          error={errorAt('spec.failures.by')}
          onChange={(by) => edit({ by: by.length === 0 ? undefined : by })}
        />
      )}
    </Card>
  );
}

type CardProps = { gate: Gate; error: string | undefined; edit: (fields: { [K in keyof Gate]?: Gate[K] | undefined }) => void; remove: () => void };

function GateCard({ gate, error, edit, remove }: CardProps) {
  const known = kindOf(gate);
  const [own, { open, toggle }] = useDisclosure(known === undefined);
  const written = known === undefined || own;
  return (
    <Card padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb={6}>
        <TextInput size="xs" label="Name" w={180} value={gate.name} onChange={(event) => edit({ name: event.currentTarget.value })} />
        <Group gap={4} wrap="nowrap">
          {known && <Button size="compact-xs" variant="subtle" color="gray" onClick={toggle} aria-expanded={own}>{own ? 'In words' : 'As CEL'}</Button>}
          <ActionIcon variant="subtle" color="red" aria-label={`remove gate ${gate.name}`} onClick={remove}><IconTrash size={15} /></ActionIcon>
        </Group>
      </Group>
      {!written && <InWords kind={known.kind} values={known.values} edit={(values) => edit(known.kind.make(values))} />}
      {written && (
        <Textarea
          label="Passes when"
          autosize
          minRows={2}
          spellCheck={false}
          styles={MONO}
          placeholder="wave.restarts == 0 && wave.online >= 0.98"
          value={gate.check}
          error={error}
          onFocus={known ? undefined : open}
          onChange={(event) => edit({ check: event.currentTarget.value })}
        />
      )}
      {!written && <Code block mt={6} style={{ whiteSpace: 'pre-wrap' }}>{gate.check}</Code>}
      {!written && error && <Text size="xs" c="red" role="alert" mt={4}>{error}</Text>}
      {written && <Vocabulary />}
      <Group gap="md" mt="sm">
        <Checkbox size="xs" radius="sm" label="also while the wave is under way" checked={gate.continuously === true} onChange={(event) => edit({ continuously: event.currentTarget.checked ? true : undefined })} />
        <Select size="xs" w={210} aria-label={`what happens when ${gate.name} fails`} data={[{ value: 'usual', label: 'when it fails: as above' }, { value: 'rollback', label: 'when it fails: all go back' }, { value: 'pause', label: 'when it fails: it pauses' }]} allowDeselect={false} value={gate.then ?? 'usual'} onChange={(then) => edit({ then: then === 'usual' ? undefined : then ?? undefined })} />
      </Group>
    </Card>
  );
}

function InWords({ kind, values, edit }: { kind: GateKind; values: Record<string, string>; edit: (values: Record<string, string>) => void }) {
  const slos = useQuery({
    queryKey: ['slos', 'names'],
    enabled: kind.key === 'budget',
    queryFn: () => data(api.GET('/api/v1/slos', { params: { query: { limit: 500 } } })),
    select: (page): string[] => (page.items as Schemas['SloView'][]).map((slo) => String(slo.metadata.name)),
    staleTime: 60_000,
  });
  return (
    <Stack gap={6}>
      <Text size="sm">{kind.title}: {kind.says}</Text>
      {kind.fields.length > 0 && (
        <Group gap="sm">
          {kind.fields.map((field) =>
            field.text ? (
              <Autocomplete key={field.key} size="xs" label={field.label} data={kind.key === 'budget' ? slos.data ?? [] : []} placeholder={field.key === 'metric' ? 'cpu.load' : ''} value={values[field.key] ?? ''} onChange={(value) => edit({ ...values, [field.key]: value })} />
            ) : (
              <NumberInput key={field.key} size="xs" w={130} label={field.label} min={0} suffix={field.unit ? ` ${field.unit}` : ''} value={Number(values[field.key] ?? field.initial)} onChange={(value) => edit({ ...values, [field.key]: String(value === '' ? 0 : value) })} />
            ),
          )}
        </Group>
      )}
    </Stack>
  );
}

function Vocabulary() {
  const [shown, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Button size="compact-xs" variant="subtle" color="gray" mt={4} onClick={toggle} aria-expanded={shown}>What may be asked for</Button>
      <Collapse in={shown}>
        <Stack gap={2} mt={4}>
          {VALUES.map(([name, says]) => <Text key={name} size="xs" c="dimmed"><Code>{name}</Code> {says}</Text>)}
        </Stack>
      </Collapse>
    </div>
  );
}
