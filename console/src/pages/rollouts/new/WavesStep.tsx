import { ActionIcon, Button, Card, Checkbox, Group, NumberInput, Select, SimpleGrid, Stack, Table, TagsInput, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCheck, IconPlus, IconTrash } from '@tabler/icons-react';
import { PRESETS, presetOf, withFields, type Wave } from './draft';
import { numberOf, type StepProps } from './form';

const ATTRIBUTES = ['region', 'hardware', 'version', 'type', 'site', 'owner'];

/** In which parts it goes, and by what each part is mixed. */
export function WavesStep({ draft: { spec }, change, errorAt }: StepProps) {
  const waves = spec.waves ?? [{ name: 'all', percent: '100%' }];
  const preset = presetOf(spec);
  const set = (next: Wave[]) => change({ waves: next });
  const edit = (index: number, fields: { [K in keyof Wave]?: Wave[K] | undefined }) => set(waves.map((wave, at) => (at === index ? withFields(wave, fields) : wave)));
  const move = (index: number, to: number) => {
    const next = [...waves];
    const [one] = next.splice(index, 1);
    if (one) next.splice(to, 0, one);
    set(next);
  };
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" role="group" aria-label="presets">
        {PRESETS.map((each) => (
          <UnstyledButton key={each.key} onClick={() => change(each.fields)} aria-pressed={preset === each.key}>
            <Card padding="sm" h="100%" style={preset === each.key ? { borderColor: 'var(--mantine-primary-color-filled)' } : {}}>
              <Group gap={6} mb={4}><Text fw={600}>{each.title}</Text>{preset === each.key && <IconCheck size={16} aria-label="chosen" />}</Group>
              <Text size="xs" c="dimmed">{each.says}</Text>
            </Card>
          </UnstyledButton>
        ))}
      </SimpleGrid>
      <div>
        <Text size="sm" fw={600}>Waves</Text>
        <Text size="xs" c="dimmed" mb={6}>A wave says until where the rollout goes, together with those before it. The last is 100%, so that nobody is left over.</Text>
        <Table.ScrollContainer minWidth={560}>
          <Table verticalSpacing={4} horizontalSpacing={6}>
            <Table.Thead>
              <Table.Tr><Table.Th>Name</Table.Th><Table.Th>Until</Table.Th><Table.Th>At least</Table.Th><Table.Th>Begins</Table.Th><Table.Th w="1%" aria-label="order and removal" /></Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {waves.map((wave, index) => (
                <Table.Tr key={index} style={{ verticalAlign: 'top' }}>
                  <Table.Td>
                    <TextInput size="xs" aria-label={`name of wave ${index + 1}`} value={wave.name ?? ''} error={errorAt(`spec.waves[${index}].name`) ?? errorAt(`spec.waves[${index}]`)} onChange={(event) => edit(index, { name: event.currentTarget.value })} />
                  </Table.Td>
                  <Table.Td>
                    <Group gap={4} wrap="nowrap" align="flex-start">
                      <NumberInput
                        size="xs"
                        w={84}
                        aria-label={`until, of wave ${index + 1}`}
                        min={0}
                        value={wave.percent === undefined ? wave.count ?? '' : parseFloat(wave.percent)}
                        error={errorAt(`spec.waves[${index}].percent`) ?? errorAt(`spec.waves[${index}].count`)}
                        onChange={(value) => edit(index, wave.percent === undefined ? { count: numberOf(value) } : { percent: `${value}%` })}
                      />
                      <Select
                        size="xs"
                        w={92}
                        aria-label={`unit of wave ${index + 1}`}
                        allowDeselect={false}
                        data={[{ value: 'percent', label: '% of all' }, { value: 'count', label: 'assets' }]}
                        value={wave.percent === undefined ? 'count' : 'percent'}
                        onChange={(unit) => edit(index, unit === 'percent' ? { count: undefined, percent: `${Math.min(wave.count ?? 10, 100)}%` } : { percent: undefined, minimum: undefined, count: Math.max(1, Math.round(parseFloat(wave.percent ?? '1')) || 1) })}
                      />
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    {wave.percent !== undefined && <NumberInput size="xs" w={84} min={0} placeholder="–" aria-label={`at least, of wave ${index + 1}`} value={wave.minimum ?? ''} error={errorAt(`spec.waves[${index}].minimum`)} onChange={(value) => edit(index, { minimum: numberOf(value) })} />}
                  </Table.Td>
                  <Table.Td>
                    <Checkbox size="xs" radius="sm" mt={6} label="by hand" aria-label={`wave ${index + 1} begins when a person lets it`} checked={wave.manual === true} onChange={(event) => edit(index, { manual: event.currentTarget.checked ? true : undefined })} />
                  </Table.Td>
                  <Table.Td>
                    <Group gap={2} wrap="nowrap">
                      <ActionIcon variant="subtle" color="gray" aria-label={`wave ${index + 1} earlier`} disabled={index === 0} onClick={() => move(index, index - 1)}><IconArrowUp size={15} /></ActionIcon>
                      <ActionIcon variant="subtle" color="gray" aria-label={`wave ${index + 1} later`} disabled={index === waves.length - 1} onClick={() => move(index, index + 1)}><IconArrowDown size={15} /></ActionIcon>
                      <ActionIcon variant="subtle" color="red" aria-label={`remove wave ${index + 1}`} disabled={waves.length === 1} onClick={() => set(waves.filter((_, at) => at !== index))}><IconTrash size={15} /></ActionIcon>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {errorAt('spec.waves') && <Text size="xs" c="red" role="alert" mt={4}>{errorAt('spec.waves')}</Text>}
        <Button mt={6} size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} disabled={waves.length >= 20} onClick={() => set([...waves.slice(0, -1), { name: freeName(waves), percent: '50%' }, ...waves.slice(-1)])}>Add a wave</Button>
      </div>
      <TagsInput
        label="Mixed by"
        description="each wave has some of every combination of these, so that a canary speaks for all: region, hardware, version, labels.KEY; at most 4"
        data={ATTRIBUTES}
        maxTags={4}
        clearable
        value={spec.stratify ?? []}
        error={errorAt('spec.stratify')}
        onChange={(stratify) => change({ stratify: stratify.length === 0 ? undefined : stratify })}
      />
    </Stack>
  );
}

function freeName(waves: Wave[]): string {
  let n = waves.length;
  while (waves.some((wave) => wave.name === `wave-${n}`)) n++;
  return `wave-${n}`;
}
