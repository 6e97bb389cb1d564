/** 1 asset, 1,204 assets: how many, with the word in its form. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : more}`;
}

/** Who did it, as people call them: the token that a server makes for itself on its first day has the moment in its name. */
export function called(actor: string): string {
  return actor.replace(/\bfirst-admin-\d{8}T[\d.]+Z/, 'first-admin');
}
