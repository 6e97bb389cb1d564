import { Button, Group, Paper, Text, Tooltip } from '@mantine/core';
import { IconCategory, IconPlayerPlay, IconRocket, IconTag, IconX } from '@tabler/icons-react';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useMay } from '../../shell/Session';
import { ChangeProgress } from './ChangeProgress';
import { CommandDialog } from './CommandDialog';
import { EditDialog } from './EditDialog';
import { selectionOf, selectorOf, type Search } from './search';
import classes from './search.module.css';

/** Which assets are meant by what was ticked. */
export type Selection = { selector?: string; q?: string; ids?: string[] };

export function chosenAssets(search: Search): Selection {
  if (Array.isArray(search.sel)) return { ids: search.sel };
  const selector = selectorOf(search);
  return { ...(search.q && { q: search.q }), ...(selector ? { selector } : search.q ? {} : { selector: 'true' }) };
}

/** A screen that the console may have. */
const NEW_ROLLOUT: string = '/new/rollout';

/** What can be done with the chosen assets. */
export function BulkBar({ search, total, go }: { search: Search; total: number | undefined; go: (next: Search) => void }) {
  const navigate = useNavigate();
  const { routesByPath } = useRouter();
  const lacks = useMay('asset');
  const act = (name: string | undefined) => {
    const { act: _act, ...rest } = search;
    go(name === undefined ? rest : { ...rest, act: name });
  };
  if (search.change !== undefined) {
    return (
      <ChangeProgress
        id={search.change}
        onClose={() => {
          const { change: _change, act: _act, sel: _sel, ...rest } = search;
          go(rest);
        }}
      />
    );
  }
  if (search.sel === undefined) return null;
  const count = search.sel === 'all' ? total : search.sel.length;
  const said = `${(count ?? 0).toLocaleString()} ${count === 1 ? 'asset' : 'assets'}`;
  const wordy = search.sel === 'all' && search.q !== undefined;
  const selector = selectionOf(search) ?? 'true';
  const byWords = wordy ? 'words choose these assets, and this takes a selector; write one, or tick them' : undefined;
  const blocked = lacks ?? (count === 0 ? 'no asset is chosen' : undefined);
  return (
    <>
      <Paper withBorder shadow="md" p="xs" className={classes.bulk ?? ''} role="region" aria-label="chosen assets">
        <Group justify="space-between" gap="xs">
          <Text size="sm" role="status"><b className="num">{said}</b> {search.sel === 'all' ? 'that match are chosen' : 'chosen'}</Text>
          <Group gap="xs">
            <Doing icon={IconTag} title="Label, move, lifecycle…" blocked={blocked} onClick={() => act('edit')} />
            <Doing icon={IconPlayerPlay} title="Run a command…" blocked={blocked ?? byWords} onClick={() => act('command')} />
            {Object.hasOwn(routesByPath, NEW_ROLLOUT) && (
              <Doing icon={IconRocket} title="New rollout…" blocked={blocked ?? byWords} onClick={() => void navigate({ to: NEW_ROLLOUT, search: { selector } as never })} />
            )}
            {search.sel !== 'all' && total !== undefined && total > search.sel.length && (
              <Button size="xs" variant="subtle" leftSection={<IconCategory size={15} aria-hidden />} onClick={() => go({ ...search, sel: 'all' })}>All {total.toLocaleString()} that match</Button>
            )}
            <Button size="xs" variant="subtle" color="gray" leftSection={<IconX size={15} aria-hidden />} onClick={() => { const { sel: _sel, ...rest } = search; go(rest); }}>None</Button>
          </Group>
        </Group>
      </Paper>
      {search.act === 'edit' && (
        <EditDialog
          selection={chosenAssets(search)}
          onClose={() => act(undefined)}
          onBegun={(change) => {
            const { act: _act, ...rest } = search;
            go({ ...rest, change });
          }}
        />
      )}
      {search.act === 'command' && byWords === undefined && <CommandDialog selector={selector} onClose={() => act(undefined)} />}
    </>
  );
}

type DoingProps = { icon: typeof IconTag; title: string; blocked: string | undefined; onClick: () => void };

function Doing({ icon: Icon, title, blocked, onClick }: DoingProps) {
  return (
    <Tooltip label={blocked} disabled={blocked === undefined}>
      <Button size="xs" variant="light" leftSection={<Icon size={15} aria-hidden />} data-disabled={blocked !== undefined} aria-disabled={blocked !== undefined} onClick={() => blocked === undefined && onClick()}>{title}</Button>
    </Tooltip>
  );
}
