import { Textarea } from '@mantine/core';

/** YAML that is written here; lines keep their breaks. */
export function Editor({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      aria-label={label}
      autosize
      minRows={8}
      maxRows={28}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13, whiteSpace: 'pre', overflowX: 'auto' } }}
    />
  );
}
