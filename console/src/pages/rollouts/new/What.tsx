import { Autocomplete, Radio, Select, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, data, type Schemas } from '../../../api/client';
import { LinkText } from '../../../ui/links';
import { yaml } from '../../../ui/yaml';
import { called } from '../../../ui/words';
import { YamlField } from '../../../ui/yamlfield';
import { readYaml } from '../../../ui/yamlread';
import { nameFor } from './draft';
import type { StepProps } from './form';

/** What is brought, and what the rollout is called. */
export function What(props: StepProps) {
  const { draft, change, rename, errorAt } = props;
  const brought = draft.spec.change?.configuration ? 'configuration' : 'release';
  return (
    <Stack gap="md">
      <Radio.Group
        label="What is brought"
        value={brought}
        onChange={(wanted) => change({ change: wanted === 'release' ? undefined : { configuration: { name: '', config: {} } } })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="release" label="A release" description="the artifact is chosen for each asset by its hardware; each goes back to its own previous version" />
          <Radio value="configuration" label="A new content of a configuration" description="goes from asset to asset; until it has ended nobody else changes that configuration" />
        </Stack>
      </Radio.Group>
      {brought === 'release' ? <ReleaseChoice {...props} /> : <ConfigurationChoice {...props} />}
      <TextInput
        label="Name of the rollout"
        description="small letters, digits and hyphens; it decides the order of the assets, too"
        required
        spellCheck={false}
        value={draft.name}
        error={errorAt('metadata.name')}
        onChange={(event) => rename(event.currentTarget.value)}
      />
      <Textarea
        label="Description"
        description="for whoever is asked to approve it, or woken by it"
        autosize
        minRows={1}
        value={draft.spec.description ?? ''}
        error={errorAt('spec.description')}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
    </Stack>
  );
}

function ReleaseChoice({ draft, change, rename, errorAt }: StepProps) {
  const release = draft.spec.change?.release;
  const [typed, setTyped] = useState(release ? `${release.component}@${release.version}` : '');
  const [searched] = useDebouncedValue(typed.split('@')[0] ?? '', 250);
  const shown = release ? `${release.component}@${release.version}` : '';
  // Follows the document when it was changed beside this field.
  useEffect(() => setTyped((now) => (splitName(now)?.join('@') === (shown === '' ? undefined : shown) ? now : shown === '' ? now : shown)), [shown]);
  const all = useReleases('');
  const some = useReleases(searched);
  const known = [...new Map([...(some.data ?? []), ...(all.data ?? [])].map((each) => [each.name, each])).values()];
  const chosen = known.find((each) => each.name === typed);
  return (
    <Stack gap={4}>
      <Autocomplete
        label="Release"
        description="component@version; type a component to see its versions"
        placeholder="app@1.5.0"
        required
        spellCheck={false}
        limit={30}
        data={known.map((each) => each.name)}
        value={typed}
        error={errorAt('spec.change', true)}
        onChange={(text) => {
          setTyped(text);
          const [component, version] = splitName(text) ?? [];
          change({ change: component && version ? { release: { component, version } } : undefined });
          const before = release ? nameFor(release.component, release.version) : '';
          if (component && version && (draft.name === '' || draft.name === before)) rename(nameFor(component, version));
        }}
      />
      {chosen && (
        <Text size="xs" c={chosen.status === 'quarantined' ? 'red' : 'dimmed'}>
          {chosen.status === 'quarantined' ? `is quarantined: ${chosen.reason ?? 'no reason was given'}. ` : ''}
          {chosen.kind === 'set' ? `a set of ${Object.keys(chosen.components).length} components` : `${chosen.files.filter((file) => file.kind === 'artifact').length} artifacts`}, published by {called(chosen.publishedBy)};{' '}
          <LinkText to="/releases/$name" params={{ name: chosen.name }} size="xs">what is in it</LinkText>
        </Text>
      )}
      {all.data?.length === 0 && <Text size="xs" c="dimmed">Nothing was published here yet: <b>muster release create</b>, <b>sign</b>, <b>publish</b>.</Text>}
    </Stack>
  );
}

function splitName(name: string): [string, string] | undefined {
  const at = name.lastIndexOf('@');
  return at > 0 && at < name.length - 1 ? [name.slice(0, at), name.slice(at + 1)] : undefined;
}

function useReleases(component: string) {
  return useQuery({
    queryKey: ['releases', 'choices', component],
    queryFn: () => data(api.GET('/api/v1/releases', { params: { query: { limit: 100, ...(component === '' ? {} : { component }) } } })),
    select: (page): Schemas['Release'][] => page.items,
    staleTime: 15_000,
  });
}

function ConfigurationChoice({ draft, change, rename, errorAt }: StepProps) {
  const configuration = draft.spec.change?.configuration;
  const list = useQuery({
    queryKey: ['configurations', 'choices'],
    queryFn: () => data(api.GET('/api/v1/configurations', { params: { query: { limit: 1000 } } })),
    select: (page) => page.items,
    staleTime: 15_000,
  });
  const contentOf = (name: string) => (list.data?.find((each) => each.metadata.name === name)?.spec as { config?: unknown } | undefined)?.config ?? {};
  const document = yaml(configuration?.config ?? {});
  const [text, setText] = useState<string>();
  useEffect(() => {
    if (configuration && configuration.name !== '' && list.data && isEmpty(configuration.config)) change({ change: { configuration: { name: configuration.name, config: contentOf(configuration.name) } } });
    // Once, when the list is there: who came by a link that names only the configuration begins with what it says now.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [list.data !== undefined]);
  return (
    <Stack gap="sm">
      <Select
        label="Configuration"
        description="its target, precedence and policy stay as they are declared"
        required
        searchable
        data={list.data?.map((each) => each.metadata.name) ?? []}
        value={configuration?.name === '' ? null : configuration?.name ?? null}
        error={errorAt('spec.change.configuration.name') ?? errorAt('spec.change')}
        onChange={(name) => {
          setText(undefined);
          change({ change: { configuration: { name: name ?? '', config: contentOf(name ?? '') } } });
          if (name && draft.name === '') rename(nameFor(name, new Date().toISOString().slice(0, 10)));
        }}
      />
      {configuration && configuration.name !== '' && (
        <YamlField
          label="What it is to say in the end"
          value={text ?? document}
          minHeight={100}
          maxHeight="30dvh"
          problems={errorAt('spec.change.configuration.config', true) ? [{ field: '', message: errorAt('spec.change.configuration.config', true) ?? '' }] : []}
          note="Begins with what it says now. All of it is replaced."
          onChange={(typed) => {
            setText(typed);
            const { value, mistakes } = readYaml(typed);
            if (mistakes.length === 0) change({ change: { configuration: { name: configuration.name, config: value ?? {} } } });
          }}
        />
      )}
    </Stack>
  );
}

function isEmpty(config: unknown): boolean {
  return config === undefined || config === null || (typeof config === 'object' && Object.keys(config).length === 0);
}
