// Writes the licences of the libraries that are built into the console: node scripts/licenses.mjs FILE. Fails when one says nothing.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const texts = [];
for (const [folder, about] of Object.entries(lock.packages)) {
  if (folder === '' || about.dev || about.devOptional || about.optional) continue;
  const file = readdirSync(folder).find((name) => /^(licen[sc]e|copying)/i.test(name));
  if (!file && !about.license) throw new Error(`${folder} says nothing about its licence`);
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'Its package carries no text of the licence.';
  texts.push(`${folder.replace(/^.*node_modules\//, '')} ${about.version}: ${about.license ?? 'see below'}\n\n${text}\n`);
}
writeFileSync(process.argv[2], texts.join(`\n${'-'.repeat(78)}\n\n`));
