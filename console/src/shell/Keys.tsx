import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { busy, press, typing } from './keymap';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));
const Shortcuts = lazy(() => import('./Shortcuts').then((module) => ({ default: module.Shortcuts })));

/** After g, for less than this long, a letter goes to a screen. */
const CHORD_MS = 1000;

/** Where g and a letter lead. */
export const GO: Record<string, { to: string; title: string }> = {
  o: { to: '/', title: 'overview' },
  e: { to: '/executive', title: 'executive' },
  n: { to: '/on-call', title: 'on call: what needs somebody now' },
  a: { to: '/assets', title: 'assets' },
  l: { to: '/alerts', title: 'alerts' },
  i: { to: '/incidents', title: 'incidents' },
  r: { to: '/rollouts', title: 'rollouts' },
  c: { to: '/commands', title: 'commands' },
  d: { to: '/drift', title: 'drift' },
  s: { to: '/slos', title: 'objectives' },
};

/** The keys that work on every screen, and those that the screen has registered. What they open is loaded when it is first wanted. */
export function Keys({ palette }: { palette: ReturnType<typeof useDisclosure> }) {
  const [opened, { open, close, toggle }] = palette;
  const [help, { open: showHelp, close: closeHelp }] = useDisclosure(false);
  const navigate = useNavigate();
  const begun = useRef(0);
  useEffect(() => {
    const act = (event: KeyboardEvent): boolean => {
      const mod = event.ctrlKey || event.metaKey;
      if (mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        toggle();
        return true;
      }
      if (event.defaultPrevented || busy(event)) return false;
      const plain = !mod && !event.altKey;
      const chord = plain && begun.current > 0 && event.timeStamp - begun.current < CHORD_MS;
      begun.current = 0;
      const go = chord ? GO[event.key] : undefined;
      if (go !== undefined) {
        void navigate({ to: go.to });
        return true;
      }
      if (plain && event.key === 'g') {
        begun.current = event.timeStamp;
        return true;
      }
      if (press(event)) return true;
      // By the character, not by the key: on many keyboards ? and / need shift, or another key.
      if (plain && event.key === '?') showHelp();
      else if (plain && event.key === '/') search(open);
      else return false;
      return true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (act(event)) event.preventDefault();
      else if (event.key === 'Escape' && typing(event) && !event.defaultPrevented && document.querySelector('[role="dialog"]') === null) {
        (event.target as HTMLElement).blur(); // so that the keys of the screen work again
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, open, showHelp, toggle]);
  return (
    <Suspense fallback={null}>
      {opened && <Palette onClose={close} onShortcuts={showHelp} />}
      {help && <Shortcuts onClose={closeHelp} />}
    </Suspense>
  );
}

/** Into the search field of the list that is shown; where there is none, into the one that finds everything. */
function search(orElse: () => void): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"], main input[data-search]');
  if (field === null) orElse();
  else {
    field.focus();
    field.select();
  }
}
