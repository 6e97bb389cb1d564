import { Alert, Autocomplete, Button, Card, Checkbox, Code, FileButton, Group, Progress, Select, Stack, Stepper, Table, Text, Textarea, Title } from '@mantine/core';
import { IconFileImport, IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAssetTypes } from '../../../api/hooks';
import { Page } from '../../../shell/Page';
import { useMay } from '../../../shell/Session';
import { CommandLine, Problem } from '../../../ui/feedback';
import { LinkText } from '../../../ui/links';
import { Figure } from '../EditDialog';
import { useKeys } from '../hooks';
import { send, type Outcome } from './answer';
import { FIXED, LABEL, LEAVE, guess, problems, read, write, type Mapping, type Sheet } from './table';

/** More is for the command line, which sends a file as it reads it. */
const MAX_BYTES = 50 * 1024 * 1024;
const SHOWN = 200;

/** Assets out of a file: what the columns are, what would happen, then it happens. */
export default function Import() {
  const lacks = useMay('asset');
  const [step, setStep] = useState(0);
  const [name, setName] = useState('');
  const [sheet, setSheet] = useState<Sheet>();
  const [mapping, setMapping] = useState<Mapping>([]);
  const [type, setType] = useState('');
  const [strict, setStrict] = useState(false);
  const [tried, setTried] = useState<Outcome>();
  const [done, setDone] = useState<Outcome>();
  const ready = sheet !== undefined && problems(mapping, type).length === 0;
  const written = ready ? write(sheet, mapping, type) : undefined;
  return (
    <Page title="Import assets" note={<>from CSV or JSON; an asset that is known gets what the file says of it · <LinkText to="/assets" size="sm" underline="always">all assets</LinkText></>}>
      {lacks !== undefined && <Alert color="gray" icon={<IconInfoCircle />}>It can be tried here, not done: {lacks}.</Alert>}
      <Stepper active={step} onStepClick={(next) => (next < step && done === undefined ? setStep(next) : undefined)} size="sm" iconSize={30}>
        <Stepper.Step label="File" description={name || 'CSV or JSON'}>
          <Source
            onRead={(read, from) => {
              setSheet(read);
              setName(from);
              setMapping(guess(read.columns));
              setTried(undefined);
              setStep(1);
            }}
          />
        </Stepper.Step>
        <Stepper.Step label="Columns" description="what they are">
          {sheet && (
            <Columns sheet={sheet} mapping={mapping} type={type} onMapping={setMapping} onType={setType} onBack={() => setStep(0)} onNext={() => { setTried(undefined); setStep(2); }} />
          )}
        </Stepper.Step>
        <Stepper.Step label="Try" description={done === undefined ? 'nothing is changed yet' : done.summary.imported ? 'imported' : 'nothing was imported'}>
          {written && <Try csv={written.csv} lines={written.lines} kind={sheet?.kind ?? 'CSV'} lacks={lacks} strict={strict} onStrict={setStrict} tried={tried} onTried={setTried} onBack={() => setStep(1)} onDone={(outcome) => { setDone(outcome); setStep(3); }} />}
        </Stepper.Step>
        <Stepper.Completed>
          {done && written && <Result outcome={done} lines={written.lines} kind={sheet?.kind ?? 'CSV'} mapping={mapping} sheet={sheet} onAgain={() => { setDone(undefined); setSheet(undefined); setName(''); setStep(0); }} />}
        </Stepper.Completed>
      </Stepper>
      <CommandLine label="same by command" command={`muster import assets ${name === '' || name === 'pasted' ? 'fleet.csv' : name}${strict ? ' --strict' : ''}`} />
    </Page>
  );
}

function Source({ onRead }: { onRead: (sheet: Sheet, name: string) => void }) {
  const [pasted, setPasted] = useState('');
  const [over, setOver] = useState(false);
  const take = useMutation({
    mutationFn: async (given: File | string) => {
      if (typeof given !== 'string' && given.size > MAX_BYTES) throw new Error(`The file has ${Math.round(given.size / 1_048_576)} MB, here are at most 50; muster import assets takes 256.`);
      const sheet = read(typeof given === 'string' ? given : await given.text());
      if (sheet.rows.length === 0) throw new Error('It has a header and no row.');
      onRead(sheet, typeof given === 'string' ? 'pasted' : given.name);
    },
  });
  return (
    <Stack>
      <Card
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer.files[0];
          if (file) take.mutate(file);
        }}
        style={{ borderStyle: 'dashed', borderWidth: 2, ...(over && { borderColor: 'var(--mantine-primary-color-filled)' }) }}
      >
        <Stack align="center" gap="xs" py="md">
          <IconFileImport size={36} aria-hidden />
          <Text>Drop a file here, or</Text>
          <FileButton accept=".csv,.tsv,.txt,.json,.ndjson,text/csv,application/json" onChange={(file) => file && take.mutate(file)}>
            {(props) => <Button {...props} loading={take.isPending}>Choose a file</Button>}
          </FileButton>
          <Text size="xs" c="dimmed" ta="center">CSV (comma, semicolon or tab) with a header, a JSON list of assets, or one JSON object a line; up to 50 MB</Text>
        </Stack>
      </Card>
      <Textarea
        label="Or paste it"
        placeholder={'id,type,site,label.ring\npos-17,pos,Berlin,canary'}
        autosize
        minRows={4}
        maxRows={12}
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      {take.error && <Problem what="This cannot be read" error={take.error} />}
      <Group justify="flex-end"><Button disabled={pasted.trim() === ''} onClick={() => take.mutate(pasted)}>Go on</Button></Group>
    </Stack>
  );
}

type ColumnsProps = { sheet: Sheet; mapping: Mapping; type: string; onMapping: (mapping: Mapping) => void; onType: (type: string) => void; onBack: () => void; onNext: () => void };

function Columns({ sheet, mapping, type, onMapping, onType, onBack, onNext }: ColumnsProps) {
  const types = useAssetTypes();
  const keys = useKeys();
  const wrong = problems(mapping, type);
  const set = (index: number, to: Mapping[number]) => onMapping(mapping.map((each, at) => (at === index ? to : each)));
  return (
    <Stack>
      <Text size="sm"><b className="num">{sheet.rows.length.toLocaleString()}</b> {sheet.rows.length === 1 ? 'row' : 'rows'} of {sheet.kind}. An empty cell empties a field or takes a label away; a column that is left out leaves what is there.</Text>
      <Card padding={0}>
        <Table.ScrollContainer minWidth={640}>
          <Table verticalSpacing="xs" fz="sm">
            <Table.Thead><Table.Tr><Table.Th>In the file</Table.Th><Table.Th>For example</Table.Th><Table.Th w={180}>Is</Table.Th><Table.Th w={220}>Label</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {sheet.columns.map((column, index) => {
                const to = mapping[index] ?? { to: LEAVE };
                return (
                  <Table.Tr key={index}>
                    <Table.Td><Code>{column}</Code></Table.Td>
                    <Table.Td c="dimmed" maw={260} style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{[...new Set(sheet.rows.slice(0, 20).map(({ cells }) => cells[index]).filter(Boolean))].slice(0, 3).join(', ') || '–'}</Table.Td>
                    <Table.Td>
                      <Select
                        size="xs"
                        aria-label={`${column} is`}
                        allowDeselect={false}
                        data={[{ value: '-', label: 'left out' }, ...FIXED.map((fixed) => ({ value: fixed, label: fixed })), { value: LABEL, label: 'a label' }]}
                        value={to.to === LEAVE ? '-' : to.to}
                        onChange={(next) => set(index, next === LABEL ? (guess([`label.${column}`])[0] ?? { to: LABEL, label: '' }) : { to: next === '-' || next === null ? LEAVE : next })}
                      />
                    </Table.Td>
                    <Table.Td>{to.to === LABEL && <Autocomplete size="xs" aria-label={`label of ${column}`} data={(keys.data?.labels ?? []).map(({ value }) => value)} limit={20} value={to.label ?? ''} onChange={(label) => set(index, { to: LABEL, label })} />}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
      {!mapping.some(({ to }) => to === 'type') && <Select label="Type of all of them" placeholder="choose one" required searchable data={types.data ?? []} value={type || null} onChange={(next) => onType(next ?? '')} maw={280} />}
      {wrong.length > 0 && <Alert color="orange">{wrong.map((each) => <Text key={each} size="sm">{each}</Text>)}</Alert>}
      <Group justify="flex-end"><Button variant="default" onClick={onBack}>Back</Button><Button disabled={wrong.length > 0} onClick={onNext}>Try it</Button></Group>
    </Stack>
  );
}

type TryProps = {
  csv: string;
  lines: Map<number, number>;
  kind: string;
  lacks: string | undefined;
  strict: boolean;
  onStrict: (strict: boolean) => void;
  tried: Outcome | undefined;
  onTried: (outcome: Outcome) => void;
  onBack: () => void;
  onDone: (outcome: Outcome) => void;
};

function Try({ csv, lines, kind, lacks, strict, onStrict, tried, onTried, onBack, onDone }: TryProps) {
  const queries = useQueryClient();
  const [rows, setRows] = useState(0);
  const trying = useMutation({ mutationFn: () => send(csv, { dryRun: true }, setRows), onSuccess: onTried });
  const doing = useMutation({
    mutationFn: () => send(csv, { strict }, setRows),
    onSuccess: (outcome) => {
      for (const key of ['assets', 'asset-facets', 'asset-keys', 'overview', 'groups']) void queries.invalidateQueries({ queryKey: [key] });
      onDone(outcome);
    },
  });
  const busy = trying.isPending || doing.isPending;
  const would = tried?.summary;
  const nothing = would !== undefined && would.created + would.updated === 0;
  return (
    <Stack>
      {busy && (
        <div role="status">
          <Progress value={lines.size === 0 ? 0 : (rows / lines.size) * 100} animated aria-label={doing.isPending ? 'imported' : 'tried'} />
          <Text size="xs" c="dimmed" mt={4}>{rows.toLocaleString()} of {lines.size.toLocaleString()} rows</Text>
        </div>
      )}
      {trying.error && <Problem what="It cannot be tried" error={trying.error} />}
      {doing.error && <Problem what="The import stopped" error={doing.error} />}
      {tried === undefined ? (
        !busy && (
          <Group justify="flex-end">
            <Button variant="default" onClick={onBack}>Back</Button>
            <Button onClick={() => trying.mutate()} disabled={lacks !== undefined} title={lacks}>Ask the server what would happen</Button>
          </Group>
        )
      ) : (
        <>
          <Counts outcome={tried} would />
          <Refused outcome={tried} lines={lines} kind={kind} />
          <Checkbox radius="sm" label="All or nothing" description="when a row is refused, nothing is imported" checked={strict} onChange={(event) => onStrict(event.currentTarget.checked)} />
          <Group justify="flex-end">
            <Button variant="default" disabled={busy} onClick={onBack}>Back</Button>
            <Button disabled={lacks !== undefined || nothing || (strict && tried.summary.rejected > 0)} title={lacks ?? (nothing ? 'it would change nothing' : undefined)} loading={doing.isPending} onClick={() => doing.mutate()}>
              Import {((would?.created ?? 0) + (would?.updated ?? 0)).toLocaleString()}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

function Counts({ outcome: { summary }, would = false }: { outcome: Outcome; would?: boolean }) {
  const of = (done: string, then: string) => (would ? `would be ${then}` : done);
  return (
    <Group gap="xl" role="status">
      <Figure name={of('created', 'created')} value={summary.created} />
      <Figure name={of('changed', 'changed')} value={summary.updated} />
      <Figure name="are so already" value={summary.unchanged} />
      <Figure name={of('refused', 'refused')} value={summary.rejected} />
    </Group>
  );
}

function Refused({ outcome, lines, kind }: { outcome: Outcome; lines: Map<number, number>; kind: string }) {
  if (outcome.rejected.length === 0) return null;
  return (
    <Card padding="sm">
      <Title order={2} mb="xs">Refused, by {kind === 'JSON' ? 'entry' : 'line'} of the file</Title>
      <Table.ScrollContainer minWidth={400} mah={300}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead><Table.Tr><Table.Th w={70}>{kind === 'JSON' ? 'Entry' : 'Line'}</Table.Th><Table.Th w={180}>Asset</Table.Th><Table.Th>Why</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {outcome.rejected.slice(0, SHOWN).map((each) => <Table.Tr key={each.line}><Table.Td className="num">{lines.get(each.line) ?? each.line}</Table.Td><Table.Td>{each.id || '–'}</Table.Td><Table.Td>{each.message}</Table.Td></Table.Tr>)}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {outcome.summary.rejected > SHOWN && <Text size="xs" c="dimmed">and {(outcome.summary.rejected - Math.min(SHOWN, outcome.rejected.length)).toLocaleString()} more</Text>}
    </Card>
  );
}

type ResultProps = { outcome: Outcome; lines: Map<number, number>; kind: string; mapping: Mapping; sheet: Sheet | undefined; onAgain: () => void };

function Result({ outcome, lines, kind, mapping, sheet, onAgain }: ResultProps) {
  const id = mapping.findIndex(({ to }) => to === 'id');
  // By line: what is no id at all is not told as one.
  const refused = new Set(outcome.rejected.map(({ line }) => lines.get(line) ?? line));
  const some = (sheet?.rows ?? []).filter(({ line }) => !refused.has(line)).map(({ cells }) => cells[id] ?? '').filter((asset) => asset !== '').slice(0, 8);
  return (
    <Stack>
      {outcome.summary.imported ? (
        <Counts outcome={outcome} />
      ) : (
        <Alert color="orange" title="Nothing was imported">A row was refused, and all or nothing was asked for.</Alert>
      )}
      <Refused outcome={outcome} lines={lines} kind={kind} />
      {outcome.summary.imported && some.length > 0 && (
        <Text size="sm">
          {some.map((asset) => <LinkText key={asset} to="/assets/$id" params={{ id: asset }} size="sm" mr={8}>{asset}</LinkText>)}
          {(sheet?.rows.length ?? 0) - refused.size > some.length && '…'}
        </Text>
      )}
      <Group>
        <LinkText to="/assets" search={{ sort: '-created' }} size="sm">the newest assets</LinkText>
        <LinkText to="/audit" search={{ object: `import/${outcome.summary.id}` }} size="sm">in the audit trail</LinkText>
        <Button size="xs" variant="default" onClick={onAgain}>Another file</Button>
      </Group>
    </Stack>
  );
}
