import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));
const Shortcuts = lazy(() => import('./Palette').then((module) => ({ default: module.Shortcuts })));

/** After g, for less than this long, a letter goes to a screen. */
const CHORD_MS = 1000;
const GO: Record<string, '/' | '/assets' | '/drift' | '/commands' | '/rollouts'> = { o: '/', a: '/assets', d: '/drift', c: '/commands', r: '/rollouts' };

/** The keys that work on every screen. What they open is loaded when it is first wanted. */
export function Keys({ palette }: { palette: ReturnType<typeof useDisclosure> }) {
  const [opened, { close, toggle }] = palette;
  const [help, { open: showHelp, close: closeHelp }] = useDisclosure(false);
  useHotkeys([['mod+K', toggle]], [], true);
  useGo();
  // By the character, not by the key: on many keyboards ? needs no shift, or another one.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !typing(event)) showHelp();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [showHelp]);
  return (
    <Suspense fallback={null}>
      {opened && <Palette onClose={close} onShortcuts={showHelp} />}
      {help && <Shortcuts onClose={closeHelp} />}
    </Suspense>
  );
}

function useGo() {
  const navigate = useNavigate();
  const begun = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const to = GO[event.key];
      if (event.key === 'g') begun.current = event.timeStamp;
      else {
        if (to !== undefined && event.timeStamp - begun.current < CHORD_MS && begun.current > 0) void navigate({ to });
        begun.current = 0;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}

function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
