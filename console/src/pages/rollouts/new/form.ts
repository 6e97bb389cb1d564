import type { Draft, Spec } from './draft';

/** What every step of the wizard gets: the draft, how to change it, and what the server says about a field. */
export type StepProps = {
  draft: Draft;
  change: (fields: { [K in keyof Spec]?: Spec[K] | undefined }) => void;
  rename: (name: string) => void;
  /** Of the field itself; with `within` also of what is in it. */
  errorAt: (field: string, within?: boolean) => string | undefined;
};

/** The text of a number field as a number; empty is not said. */
export function numberOf(value: string | number): number | undefined {
  return value === '' ? undefined : Number(value);
}
