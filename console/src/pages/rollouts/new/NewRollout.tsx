import { Alert, Anchor, Button, Grid, Group, Stack, Stepper, Text, Tooltip } from '@mantine/core';
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { ProblemError, api, data, raw, type Schemas } from '../../../api/client';
import { Page } from '../../../shell/Page';
import { useMay } from '../../../shell/Session';
import { CopyAs } from '../../../ui/copyas';
import { CommandLine, Loading, Problem } from '../../../ui/feedback';
import { yaml } from '../../../ui/yaml';
import { YamlField } from '../../../ui/yamlfield';
import { readYaml } from '../../../ui/yamlread';
import { Planned } from '../Plan';
import { GatesStep } from './GatesStep';
import { Pace } from './Pace';
import { WavesStep } from './WavesStep';
import { What } from './What';
import { Who } from './Who';
import { STEPS, documentOf, draftOf, effectOf, freshDraft, stepOf, withFields, type Draft, type StepKey } from './draft';
import type { StepProps } from './form';

const route = getRouteApi('/new/rollout');
type FieldProblem = { field: string; message: string };

const SAYS: Record<StepKey, string> = {
  change: 'A rollout brings one thing to many assets, in waves, and back again when it is bad.',
  who: 'Everything that the condition selects when the rollout starts. Who cannot take it, or has it already, is left out, and the plan says why.',
  waves: 'Few first, so that a mistake meets few. Choose a way, then change what you like.',
  gates: 'What has to be true after each wave, before the next one opens; and what happens when it is not.',
  pace: 'When orders go out, and how many at a time. A way back waits for none of this.',
  plan: 'What it would do if it started now. Nothing is kept until you make the draft; nothing is changed until you start it.',
};

/** Writes a rollout step by step, as the document that makes it; ends in a draft, which starts nothing. */
export default function NewRollout() {
  const search = route.useSearch();
  const existing = useQuery({
    queryKey: ['rollouts', search.from],
    enabled: search.from !== undefined && search.draft === undefined,
    queryFn: () => data(api.GET('/api/v1/rollouts/{name}', { params: { path: { name: search.from ?? '' } } })),
    staleTime: Infinity,
  });
  if (search.from !== undefined && search.draft === undefined) {
    if (existing.error) return <Problem what={`${search.from} cannot be edited`} error={existing.error} retry={() => void existing.refetch()} />;
    if (!existing.data) return <Loading what={`loading ${search.from}…`} />;
  }
  const begun = search.draft ?? (existing.data && draftOf(existing.data));
  return <Wizard initial={typeof begun === 'object' ? begun : freshDraft(search)} />;
}

function Wizard({ initial }: { initial: Draft }) {
  const { step: wanted, from } = route.useSearch();
  const navigate = useNavigate({ from: '/new/rollout' });
  const [draft, setDraft] = useState(initial);
  const [typed, setTyped] = useState<string>();
  const [tried, setTried] = useState<ReadonlySet<StepKey>>(new Set());
  const heading = useRef<HTMLHeadingElement>(null);
  const at = Math.max(0, STEPS.findIndex((step) => step.key === wanted));
  const step = STEPS[at]?.key ?? 'change';

  // What is written stands in the address, so that it can be sent to somebody, and survives a reload.
  const remember = useDebouncedCallback((next: Draft) => void navigate({ search: (before) => ({ ...before, draft: next }), replace: true, resetScroll: false }), 400);
  const set = useCallback((next: Draft) => { setDraft(next); remember(next); }, [remember]);
  const change: StepProps['change'] = useCallback((fields) => { setTyped(undefined); set({ ...draft, spec: withFields(draft.spec, fields) }); }, [draft, set]);
  const rename = useCallback((name: string) => { setTyped(undefined); setDraft((now) => { const next = { ...now, name }; remember(next); return next; }); }, [remember]);

  const { problems, checking, recheck } = useChecked(draft);
  const shown = useMemo(() => problems.filter((problem) => tried.has(stepOf(problem.field)) || !/is missing|must name either|must match .* found ""/.test(problem.message)), [problems, tried]);
  const errorAt: StepProps['errorAt'] = (field, within = false) => {
    const found = shown.filter((problem) => problem.field === field || (within && (problem.field.startsWith(`${field}.`) || problem.field.startsWith(`${field}[`))));
    return found.length === 0 ? undefined : found.map((problem) => (problem.field === field || problem.field.split(/[.[]/).length <= 3 ? problem.message : `${problem.field.slice(field.length).replace(/^\./, '')} ${problem.message}`)).join('; ');
  };
  const go = (to: StepKey) => {
    void navigate({ search: (before) => ({ ...before, step: to, draft }), resetScroll: false });
    requestAnimationFrame(() => heading.current?.focus());
  };
  const next = async () => {
    const found = (await recheck()).filter((problem) => stepOf(problem.field) === step);
    setTried((before) => new Set([...before, step]));
    const following = STEPS[at + 1];
    if (found.length === 0 && following) go(following.key);
  };
  const props: StepProps = { draft, change, rename, errorAt };
  const text = typed ?? yaml(documentOf(draft));
  const onText = (written: string) => {
    setTyped(written);
    const { value, mistakes } = readYaml(written);
    const read = draftOf(value);
    if (mistakes.length === 0 && typeof read === 'object') set(read);
  };
  const unread = typed === undefined ? undefined : draftOf(readYaml(typed).value);
  return (
    <Page
      title={from ? `Edit ${from}` : 'New rollout'}
      note="a draft first; it starts when you say so"
      actions={<CopyAs path="/api/v1/rollouts/plan" method="POST" body={draft} yaml={text} command={`muster apply -f ${draft.name || 'rollout'}.yaml`} />}
    >
      <Stepper active={at} onStepClick={(index) => { const to = STEPS[index]?.key; if (to) go(to); }} size="xs" iconSize={26} wrap={false} styles={{ steps: { overflowX: 'auto', paddingBottom: 4 }, stepBody: { whiteSpace: 'nowrap' } }}>
        {STEPS.map((each) => {
          const wrong = shown.some((problem) => stepOf(problem.field) === each.key);
          return <Stepper.Step key={each.key} label={each.title} {...(wrong ? { color: 'red', icon: <IconAlertTriangle size={14} aria-label="has a problem" />, completedIcon: <IconAlertTriangle size={14} aria-label="has a problem" /> } : {})} />;
        })}
      </Stepper>
      <Grid gutter="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (step !== 'plan') void next();
            }}
          >
            <Stack gap="md">
              <div>
                <Text component="h2" ref={heading} tabIndex={-1} fw={650} size="lg" style={{ outline: 'none' }}>{at + 1}. {STEPS[at]?.title}</Text>
                <Text size="sm" c="dimmed">{SAYS[step]}</Text>
              </div>
              {step === 'change' && <What {...props} />}
              {step === 'who' && <Who {...props} />}
              {step === 'waves' && <WavesStep {...props} />}
              {step === 'gates' && <GatesStep {...props} />}
              {step === 'pace' && <Pace {...props} />}
              {step === 'plan' && <Review draft={draft} problems={problems} checking={checking} go={go} from={from} />}
              <Group justify="space-between">
                {at > 0 ? <Button variant="default" onClick={() => { const before = STEPS[at - 1]?.key; if (before) go(before); }}>Back</Button> : <span />}
                {step !== 'plan' && <Button type="submit">Next: {STEPS[at + 1]?.title}</Button>}
              </Group>
            </Stack>
          </form>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="sm" style={{ position: 'sticky', top: 68 }}>
            <YamlField
              title="The same as YAML"
              label="rollout as YAML"
              value={text}
              onChange={onText}
              problems={shown}
              maxHeight="55dvh"
              note={typeof unread === 'string' ? `The document ${unread}; the fields keep what they had.` : 'Change it here or there. Ctrl ] and Ctrl [ indent.'}
            />
            <CommandLine label="plan it" command={`muster rollout plan ${draft.name || 'rollout'}.yaml`} />
            <CommandLine label="make the draft" command={`muster apply -f ${draft.name || 'rollout'}.yaml`} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** What the server says about each field. Whom it selects is not asked here, so that checking costs the same for any fleet. */
function useChecked(draft: Draft) {
  const [asked] = useDebouncedValue(draft, 450);
  const queries = useQueryClient();
  const options = (of: Draft) => ({
    queryKey: ['rollouts', 'check', of],
    queryFn: () => check(of),
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const answer = useQuery({ ...options(asked), placeholderData: (before: FieldProblem[] | undefined) => before });
  return {
    problems: answer.data ?? NONE,
    checking: asked !== draft || answer.isFetching,
    recheck: () => queries.fetchQuery(options(draft)),
  };
}

const NONE: FieldProblem[] = [];

async function check({ name, spec }: Draft): Promise<FieldProblem[]> {
  try {
    await raw('POST', '/api/v1/rollouts/plan?examples=0', { name, spec: spec.selector === undefined && !spec.change?.configuration ? spec : { ...spec, selector: 'false' } });
    return NONE;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status === 0 || error.status === 401 || error.status >= 500) throw error;
    // The seed is the name where none is given: what is wrong with it is said at the name.
    const found = error.errors.filter((each) => each.field !== 'spec.seed' || spec.seed !== undefined);
    return found.length > 0 ? found : [{ field: 'spec.change', message: error.message }];
  }
}

type ReviewProps = { draft: Draft; problems: FieldProblem[]; checking: boolean; go: (step: StepKey) => void; from: string | undefined };

function Review({ draft, problems, checking, go, from }: ReviewProps) {
  const lacks = useMay('rollout');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const plan = useQuery({
    queryKey: ['rollouts', 'planned', draft],
    queryFn: async () => (await (await raw('POST', '/api/v1/rollouts/plan?examples=12', draft)).json()) as Schemas['RolloutPlan'],
    enabled: problems.length === 0 && !checking,
    retry: false,
    staleTime: 10_000,
  });
  const create = useMutation({
    mutationFn: async (force: boolean) => {
      if (from !== draft.name && (await exists(draft.name))) throw new ProblemError(409, 'exists', `there is a rollout ${draft.name} already; take another name, or open that one and edit it`);
      await raw('POST', `/api/v1/apply?fieldManager=console${force ? '&force=true' : ''}`, documentOf(draft));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['rollouts'] });
      await navigate({ to: '/rollouts/$name', params: { name: draft.name }, search: { tab: 'plan' } });
    },
  });
  if (problems.length > 0) {
    return (
      <Alert color="red" icon={<IconAlertTriangle />} title="It is not complete">
        <Stack gap={4}>
          {problems.map((problem) => (
            <Text key={problem.field + problem.message} size="sm">
              <Anchor component="button" type="button" size="sm" c="inherit" underline="always" onClick={() => go(stepOf(problem.field))}>{STEPS.find((step) => step.key === stepOf(problem.field))?.title}</Anchor>: {problem.field.replace(/^spec\./, '')} {problem.message}
            </Text>
          ))}
        </Stack>
      </Alert>
    );
  }
  const conflict = create.error instanceof ProblemError && create.error.code === 'conflict';
  return (
    <Stack gap="md">
      {plan.error && <Problem what="It cannot be planned" error={plan.error} retry={() => void plan.refetch()} />}
      {plan.isFetching && !plan.data && <Loading what="working out who would be in which wave…" />}
      {plan.data && <Text fw={600} role="status">{effectOf(plan.data)}</Text>}
      {plan.data && <Planned plan={plan.data} />}
      {create.error && <Problem what="The draft was not made" error={create.error} />}
      <Group justify="flex-end">
        {conflict && <Button variant="light" color="red" loading={create.isPending} onClick={() => create.mutate(true)}>Take those fields over</Button>}
        <Tooltip label={lacks} disabled={lacks === undefined}>
          <Button disabled={lacks !== undefined || !plan.data} loading={create.isPending} onClick={() => create.mutate(false)}>{from === draft.name && from !== '' ? 'Save the draft' : 'Create the draft'}</Button>
        </Tooltip>
      </Group>
    </Stack>
  );
}

async function exists(name: string): Promise<boolean> {
  try {
    await raw('GET', `/api/v1/rollouts/${encodeURIComponent(name)}`);
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return false;
    throw error;
  }
}
