import { Alert as Notice, Box, Button, Card, Group, List, SegmentedControl, SimpleGrid, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { raw } from '../../api/client';
import { CommandLine, Problem } from '../../ui/feedback';
import { LinkText } from '../../ui/links';
import { line } from '../../ui/shell';
import { absolute, span } from '../../ui/time';
import { moment } from '../../ui/axis';
import { many } from '../../ui/words';
import { lanes, type RuleTest as Tested } from './alerting';

const RANGES = ['1h', '6h', '24h', '3d', '7d'];
const LANES = 8;

/** When the rule would have fired in the past, for whom, and who would have been told. */
export function RuleTest({ document }: { document: string }) {
  const { since = '24h' } = useSearch({ strict: false });
  const navigate = useNavigate();
  const setSince = (next: string) => void navigate({ to: '.', search: (before) => ({ ...before, since: next }), replace: true });
  const test = useMutation({ mutationFn: async () => ({ of: document, result: (await (await raw('POST', '/api/v1/alert-rules/test', { document, since })).json()) as Tested }) });
  const stale = test.data !== undefined && test.data.of !== document;
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2}>Against the past</Title>
          <Text size="sm" c="dimmed">Replays what is stored of your assets; nothing is told and nothing changes.</Text>
        </div>
        <Group gap="xs">
          <SegmentedControl aria-label="how far back" size="xs" data={RANGES} value={since} onChange={setSince} />
          <Button leftSection={<IconFlask size={16} />} loading={test.isPending} onClick={() => test.mutate()}>Test</Button>
        </Group>
      </Group>
      {test.error && <Problem what="It cannot be tested" error={test.error} />}
      {test.data && <div style={{ opacity: stale || test.isPending ? 0.55 : 1 }} aria-live="polite">{stale && <Text size="sm" mb="xs">The rule was changed since; test it again.</Text>}<Result test={test.data.result} /></div>}
      <CommandLine label="same by command" command={line('muster', 'alert', 'test', 'rule.yaml', '--since', since)} />
    </Card>
  );
}

function Result({ test }: { test: Tested }) {
  const evaluated = test.evaluations > 0;
  const facts: [string, string, string][] = [
    ['Would have fired', `${test.fired.toLocaleString()} ${test.fired === 1 ? 'time' : 'times'}`, `for ${test.assetsHit.toLocaleString()} of ${test.assets.toLocaleString()} assets`],
    ['Notifications', test.notifications.toLocaleString(), test.told.map((told) => `${told.receiver} ${told.notifications}`).join(', ') || 'nobody would have been told'],
    ['Too short for an alert', test.givenUp.toLocaleString(), 'times something was wrong, and not for long enough'],
    ['Looked at', `${test.evaluations.toLocaleString()} ×`, `every ${span(test.stepSeconds)}, ${test.readings.toLocaleString()} readings`],
  ];
  return (
    <Stack gap="sm" mb="sm">
      {test.cannot.length > 0 && <Notice color="orange" icon={<IconAlertTriangle />} title={evaluated ? 'Only in part' : 'It was not replayed'}>{test.cannot.map((why) => <Text key={why} size="sm">{why}</Text>)}</Notice>}
      {evaluated && (
        <>
          <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
            {facts.map(([title, value, says]) => (
              <div key={title}>
                <Text size="xs" c="dimmed">{title}</Text>
                <Text fz={20} fw={650} className="num">{value}</Text>
                <Text size="xs" c="dimmed">{says}</Text>
              </div>
            ))}
          </SimpleGrid>
          <Strip test={test} />
          {test.firings.length > 0 && <Firings test={test} />}
        </>
      )}
      {test.whyUnknown.length > 0 && <Text size="sm" c="dimmed">At the end nothing could be told of {test.whyUnknown.length >= 10 ? 'ten assets and more' : `${test.whyUnknown.length} assets`}, such as {test.whyUnknown[0]}.</Text>}
      {test.notes.length > 0 && <List size="xs" c="dimmed" spacing={2}>{test.notes.map((note) => <List.Item key={note}>{note}</List.Item>)}</List>}
    </Stack>
  );
}

/** One bar for each firing over the time, in lanes; below it how many assets were wrong and unknown. */
function Strip({ test }: { test: Tested }) {
  const { bars, hidden } = lanes(test.firings, test.from, test.to, LANES);
  const from = Date.parse(test.from) / 1000;
  const seconds = Date.parse(test.to) / 1000 - from;
  const most = Math.max(1, ...test.points.map((point) => point.wrong + point.unknown));
  return (
    <div role="img" aria-label={`${test.fired} firings from ${absolute(test.from)} to ${absolute(test.to)}`}>
      <Box style={{ border: '1px solid var(--mantine-color-default-border)', borderRadius: 6, overflow: 'hidden' }}>
        {bars.length === 0 && <Text size="sm" c="dimmed" p="sm">Nothing would have fired.</Text>}
        {bars.map((lane, index) => (
          <Box key={index} style={{ position: 'relative', height: 18 }}>
            {lane.map((bar) => (
              <Tooltip key={bar.of.firedAt + bar.of.fingerprint} label={<>{bar.title}<br />{absolute(bar.of.firedAt)}, {bar.open ? 'still at the end' : `for ${span((bar.to - bar.from) / 1000)}`}</>} multiline maw={360}>
                <Box style={{ position: 'absolute', left: `${bar.left * 100}%`, width: `max(3px, ${bar.width * 100}%)`, top: 3, height: 12, borderRadius: 3, background: 'var(--mantine-color-red-7)', ...(bar.open && { borderTopRightRadius: 0, borderBottomRightRadius: 0 }) }} />
              </Tooltip>
            ))}
          </Box>
        ))}
        <svg viewBox={`0 0 ${Math.max(1, test.points.length)} 40`} preserveAspectRatio="none" width="100%" height={40} style={{ display: 'block', borderTop: '1px solid var(--mantine-color-default-border)' }} aria-hidden>
          {test.points.map((point, index) => (
            <g key={point.at}>
              <rect x={index} width={1.02} y={40 - (40 * (point.wrong + point.unknown)) / most} height={(40 * point.unknown) / most} fill="var(--mantine-color-gray-5)" />
              <rect x={index} width={1.02} y={40 - (40 * point.wrong) / most} height={(40 * point.wrong) / most} fill="var(--mantine-color-orange-6)" />
            </g>
          ))}
        </svg>
      </Box>
      <Group justify="space-between" gap={4} wrap="nowrap">{[0, 0.25, 0.5, 0.75, 1].map((part) => <Text key={part} size="xs" c="dimmed" className="num">{moment(from + part * seconds, seconds)}</Text>)}</Group>
      <Text size="xs" c="dimmed">Bars: alerts that would have fired. Below: assets wrong (orange) and unknown (grey), {most.toLocaleString()} at most.{hidden > 0 && ` ${hidden.toLocaleString()} more firings are in the list only.`}</Text>
    </div>
  );
}

function Firings({ test }: { test: Tested }) {
  const [all, setAll] = useState(false);
  const shown = all ? test.firings : test.firings.slice(0, 10);
  return (
    <>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={4} fz="sm">
          <Table.Thead><Table.Tr><Table.Th>Fired</Table.Th><Table.Th>For</Table.Th><Table.Th>About</Table.Th><Table.Th>Summary</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {shown.map((firing) => (
              <Table.Tr key={firing.firedAt + firing.fingerprint} style={{ verticalAlign: 'top' }}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{absolute(firing.firedAt)}</Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{firing.resolvedAt ? span((Date.parse(firing.resolvedAt) - Date.parse(firing.firedAt)) / 1000) : 'still at the end'}</Table.Td>
                <Table.Td>{firing.labels.asset ? <LinkText to="/assets/$id" params={{ id: firing.labels.asset }} size="sm">{firing.labels.asset}</LinkText> : many(firing.assets, 'asset')}</Table.Td>
                <Table.Td>{firing.summary}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {test.firings.length > shown.length && <Button size="xs" variant="default" onClick={() => setAll(true)} style={{ alignSelf: 'flex-start' }}>All {test.firings.length.toLocaleString()}</Button>}
    </>
  );
}
