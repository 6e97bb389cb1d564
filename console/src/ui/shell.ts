/** A word as a shell takes it; quoted only where it must be. */
export function word(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line of words; what is undefined is left out. */
export function line(...words: (string | undefined)[]): string {
  return words.filter((each) => each !== undefined).map(word).join(' ');
}
