import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yamlLanguage } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting, LanguageSupport } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useComputedColorScheme } from '@mantine/core';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { placeOf, readYaml } from './yamlread';
import type { YamlProps } from './yamlfield';

/** By variables of the page, so that light and dark need no other editor. */
const COLORS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'light-dark(#0b5f75, #66d9e8)' },
  { tag: [tags.string, tags.content], color: 'light-dark(#1b5e20, #8ce99a)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], color: 'light-dark(#8a3b00, #ffc078)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace, tags.meta], color: 'var(--mantine-color-dimmed)' },
  { tag: tags.invalid, color: 'light-dark(#b02525, #ff8787)' },
]);

const LOOK = EditorView.theme({
  '&': { fontSize: '0.8125rem', backgroundColor: 'var(--mantine-color-default)', color: 'var(--mantine-color-text)', border: '1px solid var(--mantine-color-default-border)', borderRadius: 'var(--mantine-radius-sm)' },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--mantine-color-dimmed)', borderRight: '1px solid var(--mantine-color-default-border)' },
  '.cm-activeLine': { backgroundColor: 'light-dark(rgba(11,114,133,.06), rgba(59,201,219,.08))' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'light-dark(#c5f0f8, #1b4a55) !important' },
  '.cm-tooltip': { backgroundColor: 'var(--mantine-color-body)', border: '1px solid var(--mantine-color-default-border)', color: 'var(--mantine-color-text)' },
  '.cm-foldPlaceholder': { backgroundColor: 'transparent', border: '1px solid var(--mantine-color-default-border)', color: 'var(--mantine-color-dimmed)' },
});

/** The editor itself; asked for only by a screen that shows one. */
export default function YamlEditor({ value, onChange, label, problems, minHeight = 120, maxHeight = '60dvh' }: YamlProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  const scheme = useRef(new Compartment());
  const dark = useComputedColorScheme('light') === 'dark';
  const editable = onChange !== undefined;
  useEffect(() => {
    changed.current = onChange;
  });
  useEffect(() => {
    if (host.current === null) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          drawSelection(),
          bracketMatching(),
          indentUnit.of('  '),
          new LanguageSupport(yamlLanguage),
          syntaxHighlighting(COLORS),
          scheme.current.of(EditorView.darkTheme.of(dark)),
          LOOK,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.theme({ '.cm-scroller': { minHeight: `${minHeight}px`, maxHeight, overflow: 'auto' } }),
          ...(editable
            ? [
                history(),
                indentOnInput(),
                highlightActiveLine(),
                lintGutter(),
                // Tab goes on to what follows, so that nobody is caught in here; Ctrl ] and Ctrl [ indent.
                keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
                EditorView.updateListener.of((update) => {
                  if (update.docChanged && !update.transactions.some((each) => each.isUserEvent('muster.set'))) changed.current?.(update.state.doc.toString());
                }),
              ]
            : [EditorState.readOnly.of(true), EditorView.editable.of(false), keymap.of(defaultKeymap)]),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
    // The editor is made once; what changes later is told to it below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [editable, label]);
  useEffect(() => {
    view.current?.dispatch({ effects: scheme.current.reconfigure(EditorView.darkTheme.of(dark)) });
  }, [dark]);
  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value) shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value }, userEvent: 'muster.set' });
  }, [value]);
  useEffect(() => {
    const shown = view.current;
    if (!shown || !editable) return;
    const { places, mistakes } = readYaml(value);
    const found: Diagnostic[] = mistakes.map((mistake) => ({ ...mistake, severity: 'error' }));
    for (const problem of problems ?? []) {
      const place = placeOf(places, problem.field) ?? { from: 0, to: 0 };
      const line = shown.state.doc.lineAt(Math.min(place.from, shown.state.doc.length));
      found.push({ from: Math.min(place.from, line.to), to: line.to, severity: 'error', message: `${problem.field}: ${problem.message}` });
    }
    const length = shown.state.doc.length;
    shown.dispatch(setDiagnostics(shown.state, found.map((each) => ({ ...each, from: Math.min(each.from, length), to: Math.min(each.to, length) }))));
  }, [value, problems, editable]);
  return <div ref={host} />;
}
