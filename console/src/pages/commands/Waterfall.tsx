import { Code, Group, Stack, Text, Title, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client';
import { SETTLED, type Command } from '../../api/hooks';
import { Problem } from '../../ui/feedback';
import { bars, duration, ofCommand, traceOf, type Bar } from './waterfall';
import classes from './waterfall.module.css';

const HOUR = 3_600_000;
/** Spans are kept for days; a trace that is older has none any more. */
const SOON = 30_000;

/** Where the time of a command went: the spans of its trace, of the server and of the asset, below each other. */
export function Waterfall({ command }: { command: Command }) {
  const trace = traceOf(command.traceparent);
  const settled = SETTLED.has(command.status);
  const ended = command.settledAt === undefined ? Date.now() : Date.parse(command.settledAt);
  const answer = useQuery({
    queryKey: ['trace', command.asset, trace],
    enabled: trace !== undefined && settled,
    queryFn: () =>
      data(
        api.GET('/api/v1/assets/{id}/spans', {
          params: { path: { id: command.asset }, query: { trace: trace ?? '', from: new Date(Date.parse(command.createdAt) - HOUR).toISOString(), to: new Date(ended + HOUR).toISOString() } },
        }),
      ),
    // They are stored a moment after the command has ended.
    refetchInterval: (query) => ((query.state.data?.spans.length ?? 0) === 0 && Date.now() - ended < SOON ? 1_000 : false),
  });
  const [open, setOpen] = useState<string>();
  if (trace === undefined || !settled) return null;
  if (answer.error) return <Problem what="The trace cannot be shown" error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return null;
  const { bars: lines, nanos } = bars(ofCommand(answer.data.spans, command.traceparent));
  const server = lines.some((line) => line.span.service === 'muster');
  const agent = lines.some((line) => line.span.service !== 'muster');
  const moved = lines.find((line) => 'muster.clock.moved.ms' in attributes(line))?.span;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Title order={3}>Where the time went</Title>
        {lines.length > 0 && <Text size="xs" c="dimmed" className="num">{duration(nanos)} in all</Text>}
      </Group>
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">{Date.now() - ended < SOON ? 'The trace is being stored…' : 'No trace is kept of it: it is older than spans are kept, or many commands succeeded in the same minute.'}</Text>
      ) : (
        <Stack gap={2}>
          <ol className={classes.lines} aria-label="spans of the trace">
            {lines.map((line) => <Line key={line.span.spanId} line={line} open={open === line.span.spanId} onOpen={() => setOpen(open === line.span.spanId ? undefined : line.span.spanId)} />)}
          </ol>
          {server && !agent && command.status !== 'expired' && <Text size="xs" c="dimmed">The asset told nothing of its own part; agents do since they speak of spans.</Text>}
          {moved && <Group gap={4} wrap="nowrap"><IconAlertTriangle size={14} aria-hidden /><Text size="xs" c="dimmed">The clock of the asset is wrong: its spans were moved by {duration(Math.abs(Number(attributes({ span: moved })['muster.clock.moved.ms'])) * 1e6)} to when it was told.</Text></Group>}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}><span className={classes.key} data-service="server" /> Muster <span className={classes.key} data-service="asset" /> the asset; trace {trace}</Text>
        </Stack>
      )}
    </div>
  );
}

function attributes({ span }: Pick<Bar, 'span'>): Record<string, unknown> {
  return (span.attributes ?? {}) as Record<string, unknown>;
}

function Line({ line, open, onOpen }: { line: Bar; open: boolean; onOpen: () => void }) {
  const { span } = line;
  const failed = span.status === 'error';
  const told = Object.entries(attributes(line));
  return (
    <li className={classes.line}>
      <UnstyledButton className={classes.head ?? ''} onClick={onOpen} aria-expanded={open}>
        <span className={classes.name} style={{ paddingLeft: line.depth * 12 }}>
          {failed && <IconX size={13} aria-label="failed" className={classes.failed} />}
          <Text span size="sm" truncate {...(line.depth === 0 ? { fw: 600 } : {})}>{span.name}</Text>
        </span>
        <Tooltip label={`${span.service}: after ${duration(line.offset)}, took ${duration(span.durationNanos)}${span.statusMessage ? `; ${span.statusMessage}` : ''}`} multiline maw={340}>
          <span className={classes.room}>
            <span className={classes.bar} data-service={span.service === 'muster' ? 'server' : 'asset'} data-failed={failed || undefined} style={{ left: `${line.from * 100}%`, width: `max(3px, ${line.length * 100}%)` }} />
          </span>
        </Tooltip>
        <Text span size="xs" c="dimmed" className="num" ta="right">{duration(span.durationNanos)}</Text>
      </UnstyledButton>
      {failed && span.statusMessage && <Text size="xs" c="red" pl={line.depth * 12 + 17} style={{ overflowWrap: 'anywhere' }}>{span.statusMessage}</Text>}
      {open && <Code block mt={4} mb={6} fz={11}>{[`service ${span.service}, after ${duration(line.offset)}`, ...told.map(([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)].join('\n')}</Code>}
    </li>
  );
}
