import { ActionIcon, Button, Card, Chip, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput, Autocomplete } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { withFields, type Spec } from './draft';
import { numberOf, type StepProps } from './form';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ZONES = Intl.supportedValuesOf('timeZone');

/** When orders go out, how many at a time, and when it is too late. */
export function Pace(props: StepProps) {
  const { draft: { spec }, change, errorAt } = props;
  const retries = spec.retries ?? {};
  return (
    <Stack gap="md">
      <Card padding="sm">
        <Text size="sm" fw={600}>How fast</Text>
        <Text size="xs" c="dimmed" mb="sm">So that neither the network nor the control plane, nor too many assets at once, are busy with it.</Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <NumberInput label="At a time" description="assets with an order and no outcome, soak included" min={1} value={spec.maxInFlight ?? 100} error={errorAt('spec.maxInFlight')} onChange={(value) => change({ maxInFlight: numberOf(value) })} />
          <NumberInput label="A minute" description="orders that go out; empty: no limit" min={1} value={spec.perMinute ?? ''} error={errorAt('spec.perMinute')} onChange={(value) => change({ perMinute: numberOf(value) })} />
          <TextInput label="Soak" description="how long each runs it, healthy, before it counts" value={spec.soak ?? ''} placeholder="10m" error={errorAt('spec.soak')} onChange={(event) => change({ soak: event.currentTarget.value })} />
          <TextInput label="Time-out" description="from the order to running it" value={spec.timeout ?? ''} placeholder="30m" error={errorAt('spec.timeout')} onChange={(event) => change({ timeout: event.currentTarget.value })} />
          <Autocomplete label="Limited at each" description="site, region or label; what one place bears" data={['site', 'region', 'labels.gateway']} value={spec.perPlace?.by ?? ''} error={errorAt('spec.perPlace') ?? errorAt('spec.perPlace.by')} onChange={(by) => change({ perPlace: by === '' ? undefined : { maxInFlight: 5, ...spec.perPlace, by } })} />
          <NumberInput label="At a time, there" min={1} disabled={!spec.perPlace} description="assets of one place" value={spec.perPlace?.maxInFlight ?? ''} error={errorAt('spec.perPlace.maxInFlight')} onChange={(value) => spec.perPlace && change({ perPlace: withFields(spec.perPlace, { maxInFlight: numberOf(value) }) })} />
          <NumberInput label="Tries once more" description="by itself, who did not come to run it" min={0} max={20} value={retries.limit ?? 0} error={errorAt('spec.retries', true)} onChange={(value) => change({ retries: withFields(retries, { limit: Number(value) > 0 ? Number(value) : undefined }) })} />
          <NumberInput label="Priority" description="of several rollouts that want an asset, the highest goes first" min={-100} max={100} value={spec.priority ?? 0} error={errorAt('spec.priority')} onChange={(value) => change({ priority: Number(value) === 0 ? undefined : Number(value) })} />
        </SimpleGrid>
      </Card>
      <Window {...props} />
      <Blackouts {...props} />
      <DeadlineCard {...props} />
    </Stack>
  );
}

function Window({ draft: { spec }, change, errorAt }: StepProps) {
  const window = spec.window;
  type Window = NonNullable<Spec['window']>;
  const edit = (fields: { [K in keyof Window]?: Window[K] | undefined }) => window && change({ window: withFields(window, fields) });
  return (
    <Card padding="sm">
      <Switch
        label="Only in a maintenance window"
        description="a change under way is not broken off when it closes; a rollback does not wait for one"
        checked={window !== undefined}
        onChange={(event) => change({ window: event.currentTarget.checked ? { days: ['mon', 'tue', 'wed', 'thu'], from: '22:00', to: '04:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone } : undefined })}
      />
      {window && (
        <Stack gap="sm" mt="sm">
          <Chip.Group multiple value={window.days ?? DAYS} onChange={(days) => edit({ days: DAYS.filter((day) => days.includes(day)) })}>
            <Group gap={6} role="group" aria-label="days on which it begins">{DAYS.map((day) => <Chip key={day} size="xs" value={day}>{day}</Chip>)}</Group>
          </Chip.Group>
          {errorAt('spec.window.days') && <Text size="xs" c="red" role="alert">{errorAt('spec.window.days')}</Text>}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput type="time" label="From" value={window.from} error={errorAt('spec.window.from')} onChange={(event) => edit({ from: event.currentTarget.value })} />
            <TextInput type="time" label="To" description={window.to <= window.from ? 'on the next day' : 'on the same day'} value={window.to} error={errorAt('spec.window.to')} onChange={(event) => edit({ to: event.currentTarget.value })} />
            <Autocomplete label="Time zone" data={ZONES} limit={20} value={window.zone ?? 'UTC'} error={errorAt('spec.window.zone')} onChange={(zone) => edit({ zone })} />
            <TextInput label="Label with the asset's own zone" description="instead, where an asset names one; may be empty" placeholder="timezone" value={window.zoneLabel ?? ''} error={errorAt('spec.window.zoneLabel')} onChange={(event) => edit({ zoneLabel: event.currentTarget.value })} />
          </SimpleGrid>
        </Stack>
      )}
    </Card>
  );
}

/** Of an input that knows no zone: the moment by the clock of this browser. */
function momentOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('.000Z', 'Z');
}

function localOf(moment: string | undefined): string {
  const at = new Date(moment ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Blackouts({ draft: { spec }, change, errorAt }: StepProps) {
  const blackouts = spec.blackouts ?? [];
  const set = (next: typeof blackouts) => change({ blackouts: next.length === 0 ? undefined : next });
  const edit = (index: number, fields: Partial<(typeof blackouts)[number]>) => set(blackouts.map((each, at) => (at === index ? { ...each, ...fields } : each)));
  return (
    <Card padding="sm">
      <Text size="sm" fw={600}>Never in these times</Text>
      <Text size="xs" c="dimmed" mb="sm">Blackouts: holidays, sales, elections. By the clock of this browser; kept as exact moments.</Text>
      <Stack gap="sm">
        {blackouts.map((blackout, index) => (
          <Group key={index} gap="xs" align="flex-end">
            <TextInput size="xs" label="Name" w={130} value={blackout.name} error={errorAt(`spec.blackouts[${index}].name`)} onChange={(event) => edit(index, { name: event.currentTarget.value })} />
            <TextInput size="xs" type="datetime-local" label="From" value={localOf(blackout.from)} error={errorAt(`spec.blackouts[${index}].from`)} onChange={(event) => edit(index, { from: momentOf(event.currentTarget.value) })} />
            <TextInput size="xs" type="datetime-local" label="To" value={localOf(blackout.to)} error={errorAt(`spec.blackouts[${index}].to`)} onChange={(event) => edit(index, { to: momentOf(event.currentTarget.value) })} />
            <ActionIcon variant="subtle" color="red" aria-label={`remove blackout ${blackout.name}`} onClick={() => set(blackouts.filter((_, at) => at !== index))}><IconTrash size={15} /></ActionIcon>
          </Group>
        ))}
        <Button size="compact-sm" variant="default" w="fit-content" leftSection={<IconPlus size={14} />} disabled={blackouts.length >= 50} onClick={() => set([...blackouts, { name: `blackout-${blackouts.length + 1}`, from: momentOf(localOf(new Date(Date.now() + 86_400_000).toISOString())), to: momentOf(localOf(new Date(Date.now() + 2 * 86_400_000).toISOString())) }])}>Add a time</Button>
      </Stack>
    </Card>
  );
}

function DeadlineCard({ draft: { spec }, change, errorAt }: StepProps) {
  const deadline = spec.deadline;
  return (
    <Card padding="sm">
      <Switch label="Has a deadline" description="nobody is ordered after it" checked={deadline !== undefined} onChange={(event) => change({ deadline: event.currentTarget.checked ? { after: '72h', then: 'pause' } : undefined })} />
      {deadline && (
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" mt="sm">
          {deadline.at === undefined ? (
            <TextInput label="After" description="in the rollout's own time, such as 72h" value={deadline.after ?? ''} error={errorAt('spec.deadline', true)} onChange={(event) => change({ deadline: { ...deadline, after: event.currentTarget.value } })} />
          ) : (
            <TextInput type="datetime-local" label="At" value={localOf(deadline.at)} error={errorAt('spec.deadline', true)} onChange={(event) => change({ deadline: { ...deadline, at: momentOf(event.currentTarget.value) } })} />
          )}
          <Select label="Then" description="what becomes of it" allowDeselect={false} data={[{ value: 'pause', label: 'it pauses' }, { value: 'abort', label: 'it ends where it stands' }]} value={deadline.then ?? 'pause'} onChange={(then) => change({ deadline: { ...deadline, then: then ?? 'pause' } })} />
        </SimpleGrid>
      )}
    </Card>
  );
}
