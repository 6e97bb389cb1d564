import { ActionIcon, Button, Card, Group, Select, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSquare, IconSquareCheckFilled, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { raw } from '../../api/client';
import { State } from '../../ui/state';
import { facetsQuery, useKeys, type Facets } from './hooks';
import { FACETS, chosenOf, titleOf, type Search } from './search';
import classes from './search.module.css';

type Props = {
  search: Search;
  answer: Facets;
  onToggle: (facet: string, value: string) => void;
  onClear: (facet: string) => void;
  onBy: (by: string[]) => void;
};

const SHOWN = 7;

/** By what the list can be narrowed, and how many that would leave. */
export function FacetPanel({ search, answer, onToggle, onClear, onBy }: Props) {
  const by = search.by?.split(' ').filter(Boolean) ?? [];
  const keys = useKeys();
  const shown = new Set(answer.facets.map((facet) => facet.by));
  const more = [
    ...['site', 'hardware'].map((name) => ({ value: name, label: titleOf(name) })),
    ...(keys.data?.labels ?? []).map(({ value }) => ({ value: `labels.${value}`, label: value })),
    ...(keys.data?.software ?? []).map(({ value }) => ({ value: `software.${value}`, label: `${value} version` })),
  ].filter(({ value }) => !shown.has(value) && !value.includes(' '));
  return (
    <Card padding="xs">
      <Stack gap="sm">
        {answer.facets.map((facet) => (
          <OneFacet
            key={facet.by}
            facet={facet}
            search={search}
            chosen={chosenOf(search).get(facet.by) ?? []}
            onToggle={(value) => onToggle(facet.by, value)}
            onClear={() => onClear(facet.by)}
            {...(!FACETS.includes(facet.by) && { onLeave: () => onBy(by.filter((each) => each !== facet.by)) })}
          />
        ))}
        <Select
          label="Count by"
          placeholder="a label, a version…"
          size="xs"
          searchable
          data={more}
          value={null}
          limit={100}
          nothingFoundMessage="nothing else is known of these assets"
          onChange={(name) => name !== null && onBy([...by, name])}
        />
      </Stack>
    </Card>
  );
}

type OneProps = { facet: Facets['facets'][number]; search: Search; chosen: string[]; onToggle: (value: string) => void; onClear: () => void; onLeave?: () => void };

function OneFacet({ facet, search, chosen, onToggle, onClear, onLeave }: OneProps) {
  const [all, setAll] = useState(false);
  const [word, setWord] = useState('');
  const [asked] = useDebouncedValue(word.trim(), 250);
  const path = facetsQuery(search, [facet.by], { contains: asked, limit: '50' });
  const found = useQuery({
    queryKey: ['asset-facets', 'find', path],
    enabled: all && facet.distinct > facet.values.length,
    queryFn: async () => (await (await raw('GET', path)).json()) as Facets,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
  const known = (all && found.data?.facets.find((each) => each.by === facet.by)?.values) || facet.values;
  const shown = all ? known : known.slice(0, Math.max(SHOWN, chosen.length));
  const hidden = facet.distinct - shown.length;
  const title = titleOf(facet.by);
  return (
    <div role="group" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" gap={4} mb={2} pl={6}>
        <Title order={2} fz="xs" fw={650} c="dimmed">{title}</Title>
        {chosen.length > 0 ? (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={onClear}>any</Button>
        ) : onLeave ? (
          <ActionIcon variant="subtle" color="gray" size="xs" aria-label={`do not count by ${title}`} onClick={onLeave}><IconX size={13} /></ActionIcon>
        ) : null}
      </Group>
      {all && facet.distinct > SHOWN * 2 && (
        <TextInput size="xs" mb={4} aria-label={`find a value of ${title}`} placeholder="find a value" value={word} onChange={(event) => setWord(event.currentTarget.value)} />
      )}
      <div style={all ? { maxHeight: 260, overflowY: 'auto' } : undefined}>
        {shown.length === 0 && <Text size="xs" c="dimmed" pl={6}>none</Text>}
        {shown.map(({ value, assets }) => {
          const on = chosen.includes(value);
          return (
            <UnstyledButton key={value} className={classes.value ?? ''} role="checkbox" aria-checked={on} onClick={() => onToggle(value)}>
              {on ? <IconSquareCheckFilled size={15} aria-hidden style={{ flexShrink: 0 }} /> : <IconSquare size={15} aria-hidden style={{ flexShrink: 0, opacity: 0.55 }} />}
              <span style={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }} title={value}>
                {facet.by === 'presence' || facet.by === 'lifecycle' ? <State value={value} /> : value === '' ? <Text inherit span fs="italic" c="dimmed">none</Text> : value}
              </span>
              <Text size="xs" c="dimmed" className="num" component="span">{assets.toLocaleString()}</Text>
            </UnstyledButton>
          );
        })}
      </div>
      {(hidden > 0 || all) && facet.distinct > SHOWN && (
        <Button variant="subtle" size="compact-xs" color="gray" onClick={() => setAll(!all)}>{all ? 'fewer' : `${hidden.toLocaleString()} more`}</Button>
      )}
    </div>
  );
}
