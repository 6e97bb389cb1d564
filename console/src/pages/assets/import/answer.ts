import { ProblemError, raw } from '../../../api/client';

export type Summary = { id: string; rows: number; created: number; updated: number; unchanged: number; rejected: number; imported: boolean; milliseconds: number };
export type Rejected = { line: number; id: string; message: string };
export type Outcome = { summary: Summary; rejected: Rejected[] };

type Line = ({ type: 'progress'; rows: number } | ({ type: 'rejected' } & Rejected) | ({ type: 'summary' } & Summary) | { type: 'failed'; message: string });

/** Sends the file and follows what the server says of it, line by line. */
export async function send(csv: string, how: { dryRun?: boolean; strict?: boolean }, progress: (rows: number) => void): Promise<Outcome> {
  const query = new URLSearchParams({ ...(how.dryRun && { dryRun: 'true' }), ...(how.strict && { strict: 'true' }) });
  const answer = await raw('POST', `/api/v1/assets/import?${query}`, csv, { 'Content-Type': 'text/csv' });
  const rejected: Rejected[] = [];
  let summary: Summary | undefined;
  for await (const text of lines(answer)) {
    const line = JSON.parse(text) as Line;
    if (line.type === 'progress') progress(line.rows);
    else if (line.type === 'rejected') rejected.push(line);
    else if (line.type === 'summary') summary = line;
    else throw new ProblemError(503, 'failed', line.message);
  }
  if (summary === undefined) throw new ProblemError(0, 'broken', 'the connection broke before the server was done; import the file again, what is in already is passed over');
  return { summary, rejected: rejected.sort((one, other) => one.line - other.line) };
}

async function* lines(answer: Response): AsyncGenerator<string> {
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? '';
    const parts = rest.split('\n');
    rest = done ? '' : (parts.pop() ?? '');
    for (const part of parts) if (part.trim() !== '') yield part;
    if (done) return;
  }
}
