import type { Schemas } from '../../api/client';
import { inOurTime } from '../../ui/time';

/** What many assets that are wrong have in common. */
export type AlertCause = Schemas['AlertCause'];

export type Alert = Schemas['Alert'];

export const alertOf = (alert: Schemas['Alert']): Alert => ({ ...alert, summary: inOurTime(alert.summary) });

/** What an alert about no single asset may be about, the narrowest first. */
const OBJECTS = ['slo', 'rollout', 'release', 'gateway', 'site', 'service', 'region', 'instance'];

/** gateway gw-3: 12 of 14 assets. What stands for one asset names it; what stands for none names what its labels do. */
export function about(alert: Pick<Alert, 'cause' | 'labels'>): string {
  const { cause, labels } = alert;
  if (cause === undefined) {
    const object = OBJECTS.find((label) => labels[label] !== undefined);
    return labels.asset ?? (object === undefined ? '–' : called(object, labels[object] ?? ''));
  }
  const count = `${cause.alerts.toLocaleString()} of ${cause.of.toLocaleString()} assets`;
  return cause.label === 'selection' ? count : `${called(cause.label, cause.value)}: ${count}`;
}

/** What a rollout of a configuration brings stands in the label of a release as configuration/NAME@REVISION. */
function called(label: string, value: string): string {
  return label === 'release' && value.startsWith('configuration/') ? value.replace('/', ' ') : `${label} ${value}`;
}

/** How many assets it stands for; none where it is about something else. */
export function assetsOf(alert: Pick<Alert, 'cause' | 'labels'>): number {
  return alert.cause?.alerts ?? (alert.labels.asset === undefined ? 0 : 1);
}

/** What keeps it from being told now. */
export function heldBy(alert: Pick<Alert, 'silencedBy' | 'inhibitedBy'>): 'silenced' | 'inhibited' | undefined {
  if (alert.silencedBy.length > 0) return 'silenced';
  return alert.inhibitedBy.length > 0 ? 'inhibited' : undefined;
}

/** A matcher as Alertmanager writes it. */
export function matcher(label: string, value: string): string {
  return `${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** The labels that a silence of this alert begins with: its name, and what it is about; never what every alert has. */
export function narrowest(labels: Record<string, string>, cause?: Pick<AlertCause, 'label'>): string[] {
  const of = cause?.label ?? ['asset', ...OBJECTS].find((label) => labels[label] !== undefined);
  return ['alertname', ...(of === undefined || labels[of] === undefined ? [] : [of])];
}
