import { Checkbox, Code, Group, Select, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { raw, type Schemas } from '../../api/client';
import { Ask } from '../../ui/act';
import { Problem } from '../../ui/feedback';
import { line } from '../../ui/shell';
import { State } from '../../ui/state';
import { inOurTime } from '../../ui/time';
import { matcher, narrowest, type Alert } from './alert';

export const TIMES = [{ value: '30m', label: '30 minutes' }, { value: '2h', label: '2 hours' }, { value: '8h', label: '8 hours' }, { value: '1d', label: 'a day' }, { value: '7d', label: 'a week' }];

/** Hides alerts with some of the labels of one, and says beforehand which. */
export function Silence({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(() => narrowest(alert.labels, alert.cause));
  const [duration, setDuration] = useState('2h');
  const matchers = chosen.filter((label) => alert.labels[label] !== undefined).map((label) => matcher(label, alert.labels[label] ?? ''));
  const preview = useQuery({
    queryKey: ['alerts', 'silence-preview', matchers],
    enabled: matchers.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async () => (await (await raw('POST', '/api/v1/silences/preview', { matchers })).json()) as Schemas['SilencePreview'],
  });
  return (
    <Ask
      verb="Silence"
      name={alert.name}
      consequence="Nobody is told of alerts with all of these labels until the time is over. What fires still fires; it is shown here, and told when the silence ends."
      says={{ label: 'Comment', description: 'why; the others see it beside what is hidden', required: true }}
      ready={matchers.length > 0 && preview.data !== undefined && !preview.isPlaceholderData}
      act={async (comment) => {
        await raw('POST', '/api/v1/silences', { matchers, duration, comment });
        await queries.invalidateQueries({ queryKey: ['alerts'] });
      }}
      onClose={onClose}
      command={(comment) => line('muster', 'silence', 'add', ...matchers, '-d', duration, '-m', comment === '' ? 'COMMENT' : comment)}
    >
      <Checkbox.Group label="Labels that have to match" value={chosen} onChange={setChosen}>
        <Group gap="xs" mt={6}>{Object.entries(alert.labels).map(([name, value]) => <Checkbox key={name} value={name} label={<Code>{name}={value}</Code>} />)}</Group>
      </Checkbox.Group>
      <Select label="For" data={TIMES} value={duration} onChange={(wanted) => setDuration(wanted ?? '2h')} allowDeselect={false} w={160} />
      {preview.error && <Problem what="What it would hide cannot be told" error={preview.error} />}
      {matchers.length === 0 ? <Text size="sm" c="dimmed">Choose a label at least: without one it would hide everything.</Text> : preview.data && <Hides preview={preview.data} />}
    </Ask>
  );
}

export function Hides({ preview }: { preview: Schemas['SilencePreview'] }) {
  return (
    <Stack gap={4} aria-live="polite">
      <Text size="sm"><b>Would hide now: {preview.alerts.toLocaleString()} {preview.alerts === 1 ? 'alert' : 'alerts'}</b>, {preview.firing.toLocaleString()} of them firing, {preview.pages.toLocaleString()} of them {preview.pages === 1 ? 'a page' : 'pages'}; and what comes with these labels until then.</Text>
      {preview.first.map((hidden) => (
        <Group key={hidden.fingerprint} gap={6} wrap="nowrap">
          <span style={{ flexShrink: 0 }}><State value={hidden.severity} /></span>
          <Text size="sm" truncate title={inOurTime(hidden.summary)}>{inOurTime(hidden.summary)}</Text>
        </Group>
      ))}
      {preview.alerts > preview.first.length && <Text size="xs" c="dimmed">and {(preview.alerts - preview.first.length).toLocaleString()} more</Text>}
    </Stack>
  );
}
