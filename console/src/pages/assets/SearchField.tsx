import { ActionIcon, Combobox, Group, Highlight, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconCode, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { isSelector } from './cel';
import { faultOf, placeOf, proposals, taken, type Proposal } from './complete';
import { useKeys, useValues } from './hooks';
import classes from './search.module.css';

type Props = {
  /** What is asked for now. */
  words: string;
  selector: string;
  onSearch: (found: { q?: string; selector?: string }) => void;
  /** The server's words about the selector. */
  fault: string | undefined;
};

const PAUSE_MS = 350;

/** One field for words and for selectors: what looks like a selector is one, is completed, and is underlined where it goes wrong. */
export function SearchField({ words, selector, onSearch, fault }: Props) {
  const asked = selector !== '' ? selector : words;
  const [text, setText] = useState(asked);
  const [cursor, setCursor] = useState(asked.length);
  const [proposing, setProposing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const wantedCursor = useRef<number | undefined>(undefined);
  const said = useRef(asked);
  useHotkeys([['/', () => field.current?.focus()]]);
  useEffect(() => {
    // The address changed by another hand: a link, a view, the way back.
    if (asked !== said.current) {
      said.current = asked;
      setText(asked);
    }
  }, [asked]);
  const say = (typed: string) => {
    const trimmed = typed.trim();
    said.current = trimmed;
    onSearch(isSelector(trimmed) ? { selector: trimmed } : { q: trimmed });
  };
  const sayLater = useDebouncedCallback(say, PAUSE_MS);
  const keys = useKeys();
  const isCel = isSelector(text);
  const place = placeOf(text, cursor);
  const values = useValues(place.kind === 'value' ? place.of : undefined, place.kind === 'value' ? place.word : '');
  const known = { labels: keys.data?.labels.map(({ value }) => value) ?? [], software: keys.data?.software.map(({ value }) => value) ?? [] };
  const wanted = isCel || (place.kind === 'name' && place.word.length > 1) ? proposals(place, known, values.data ?? []) : [];
  const shown = proposing ? wanted : [];
  const box = useCombobox({ onDropdownClose: () => setProposing(false) });
  const take = (proposal: Proposal) => {
    const next = taken(text, proposal);
    wantedCursor.current = next.cursor;
    setText(next.text);
    setCursor(next.cursor);
    sayLater(next.text);
    box.resetSelectedOption();
    field.current?.focus();
  };
  useLayoutEffect(() => {
    if (wantedCursor.current !== undefined) {
      field.current?.setSelectionRange(wantedCursor.current, wantedCursor.current);
      wantedCursor.current = undefined;
    }
  }, [text]);
  const open = shown.length > 0;
  useEffect(() => {
    if (open) box.openDropdown();
    else box.closeDropdown();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);
  const follow = () => {
    const input = field.current;
    if (input === null) return;
    setCursor(input.selectionStart ?? 0);
    if (marks.current) marks.current.scrollLeft = input.scrollLeft;
  };
  const at = fault === undefined || said.current !== text.trim() ? undefined : faultOf(fault);
  const broken = at === undefined ? undefined : Math.min(at + (text.length - text.trimStart().length), Math.max(text.length - 1, 0));
  return (
    <Combobox store={box} withinPortal={false} onOptionSubmit={(index) => { const proposal = shown[Number(index)]; if (proposal) take(proposal); }}>
      <Combobox.DropdownTarget>
        <div className={classes.wrap}>
          <Combobox.EventsTarget>
            <TextInput
              ref={field}
              aria-label="Search"
              placeholder="Words (id, owner, site, label), or a selector: asset.labels.ring == 'canary'   ( / )"
              value={text}
              autoComplete="off"
              spellCheck={false}
              size="md"
              leftSection={isCel ? <IconCode size={17} aria-label="selector" /> : <IconSearch size={17} aria-label="words" />}
              rightSection={text === '' ? null : <ActionIcon variant="subtle" color="gray" aria-label="empty the search" onClick={() => { setText(''); say(''); field.current?.focus(); }}><IconX size={16} /></ActionIcon>}
              classNames={{ input: classes.input ?? '' }}
              error={open ? undefined : fault}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setCursor(event.currentTarget.selectionStart ?? 0);
                setProposing(true);
                sayLater(event.currentTarget.value);
              }}
              onSelect={follow}
              onScroll={follow}
              onBlur={() => setProposing(false)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && box.getSelectedOptionIndex() < 0) say(text);
                if (event.key === ' ' && event.ctrlKey) setProposing(true);
                if (event.key === 'Escape' && open) {
                  event.stopPropagation();
                  setProposing(false);
                }
                if (event.key === 'Tab' && open && shown[0] && !event.shiftKey) {
                  event.preventDefault();
                  take(shown[Math.max(box.getSelectedOptionIndex(), 0)] ?? shown[0]);
                }
              }}
            />
          </Combobox.EventsTarget>
          {broken !== undefined && !open && (
            <div ref={marks} className={classes.marks} aria-hidden>
              <span>{text.slice(0, broken)}</span>
              <span className={classes.fault}>{text.slice(broken, broken + faultLength(text, broken)) || ' '}</span>
            </div>
          )}
        </div>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown>
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-label="proposals">
          {shown.map((proposal, index) => (
            <Combobox.Option key={`${proposal.insert} ${proposal.note}`} value={String(index)}>
              <Group justify="space-between" wrap="nowrap" gap="md">
                <Highlight highlight={'word' in place ? place.word : ''} size="sm" ff="monospace" truncate component="span">{proposal.label}</Highlight>
                <Text size="xs" c="dimmed" component="span">{proposal.note}</Text>
              </Group>
            </Combobox.Option>
          ))}
          <Text size="xs" c="dimmed" px="xs" py={4}>↑ ↓ and Enter take one, Tab the first, Esc none, Ctrl Space asks again</Text>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** The word that is wrong, or the one sign. */
function faultLength(text: string, from: number): number {
  return Math.max(/^[\w.]+/.exec(text.slice(from))?.[0].length ?? 1, 1);
}
