/** 1 asset, 1,204 assets: how many, with the word in its form. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : more}`;
}
