/** 1 asset, 1,204 assets: how many, with the word in its form. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : more}`;
}

/** text: Back in 5 minutes, seconds: 60: an answer of a machine on one line, as far as it has no more than one level. */
export function saidAs(value: unknown): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value).map(([key, each]) => `${key}: ${typeof each === 'string' ? each : JSON.stringify(each)}`).join(', ');
}

/** Who did it, as people call them: the token that a server makes for itself on its first day has the moment in its name. */
export function called(actor: string): string {
  return actor.replaceAll(/\bfirst-admin-\d{8}T[\d.]+Z/g, 'first-admin');
}
