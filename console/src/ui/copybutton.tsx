import { useEffect, useState, type ReactNode } from 'react';
import { copied as puts } from './clipboard';

const SHOWN_MS = 2000;

/** Copies a text, over plain http too, and says for a moment that it did. */
export function CopyButton({ value, children }: { value: string; children: (state: { copied: boolean; copy: () => void }) => ReactNode }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return children({ copied, copy: () => void puts(value).then(setCopied) });
}
