import { Button, Checkbox, Group, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../../api/client';
import { useAssetTypes } from '../../../api/hooks';
import { LinkText } from '../../../ui/links';
import type { StepProps } from './form';

/** How many assets a selector selects now, or what is wrong with it. */
export function useCount(selector: string | undefined, enabled = true) {
  const [asked] = useDebouncedValue(selector, 350);
  const answer = useQuery({
    queryKey: ['assets', 'count', asked],
    enabled: enabled && asked !== undefined && asked !== '',
    queryFn: () => data(api.GET('/api/v1/assets/count', { params: { query: { selector: asked ?? '' } } })),
    staleTime: 5_000,
    retry: false,
  });
  return { count: answer.data?.count, error: answer.error?.message, stale: asked !== selector || answer.isFetching };
}

/** For whom it is. */
export function Who({ draft: { spec }, change, errorAt }: StepProps) {
  const types = useAssetTypes();
  const whole = spec.change?.configuration !== undefined;
  const selected = useCount(spec.selector);
  const all = useCount('true', !whole && spec.selector !== undefined);
  const staging = useCount(spec.staging && (spec.selector ? `(${spec.selector}) && (${spec.staging})` : spec.staging));
  const also = (condition: string) => change({ selector: spec.selector ? `${spec.selector} && ${condition}` : condition });
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Textarea
          label="Assets"
          description={whole ? 'may be empty: then all that the configuration is for' : 'a condition in CEL, as everywhere here; asked again when the rollout starts'}
          placeholder="asset.type == 'vehicle' && asset.region == 'eu'"
          required={!whole}
          autosize
          minRows={2}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={spec.selector ?? ''}
          error={errorAt('spec.selector') ?? selected.error}
          onChange={(event) => change({ selector: event.currentTarget.value })}
        />
        <Text size="sm" role="status" aria-live="polite" style={{ minHeight: '1.5em', opacity: selected.stale ? 0.6 : 1 }}>
          {spec.selector && selected.count !== undefined && (
            <>
              <b className="num">{selected.count.toLocaleString()}</b> {all.count !== undefined && <>of {all.count.toLocaleString()} </>}assets now; <LinkText to="/assets" search={{ selector: spec.selector }} size="sm">look at them</LinkText>
            </>
          )}
        </Text>
        <Group gap={6}>
          {types.data?.slice(0, 8).map((type) => <Button key={type} size="compact-xs" variant="default" onClick={() => also(`asset.type == '${type}'`)}>type {type}</Button>)}
          <Button size="compact-xs" variant="default" onClick={() => also("asset.labels.channel == 'stable'")}>a label</Button>
          <Button size="compact-xs" variant="default" onClick={() => also("asset.region == 'eu'")}>a region</Button>
          <Button size="compact-xs" variant="default" onClick={() => also("asset.lifecycle == 'active'")}>active</Button>
        </Group>
      </Stack>
      <TextInput
        label="Staging"
        description="those of them that go first, in a wave of their own; CEL, may be empty"
        placeholder="asset.labels.channel == 'staging'"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={spec.staging ?? ''}
        error={errorAt('spec.staging') ?? staging.error}
        onChange={(event) => change({ staging: event.currentTarget.value })}
      />
      {spec.staging && staging.count !== undefined && <Text size="xs" c="dimmed" role="status">{staging.count.toLocaleString()} of them now</Text>}
      <Checkbox
        radius="sm"
        label="Whoever is selected only after the start joins the last wave"
        description="without it the targets are those of the start"
        checked={spec.joins !== 'leave'}
        onChange={(event) => change({ joins: event.currentTarget.checked ? undefined : 'leave' })}
      />
      <Checkbox
        radius="sm"
        label="Leave out who could not go back"
        description="assets that have not said what they run now"
        checked={spec.withoutRollbackTarget !== 'allow'}
        onChange={(event) => change({ withoutRollbackTarget: event.currentTarget.checked ? undefined : 'allow' })}
      />
    </Stack>
  );
}
