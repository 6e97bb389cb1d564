import { word } from './shell';

/** A request of the API. */
export type Request = { path: string; method?: string; body?: unknown };

/** A request as `curl` sends it. The token stays a variable of the shell: what is copied can be pasted anywhere. */
export function curl({ path, method = 'GET', body }: Request, origin: string): string {
  const url = new URL(path, origin).href;
  return [
    'curl -fsS',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    '-H "Authorization: Bearer $MUSTER_TOKEN"',
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d ${word(JSON.stringify(body))}`]),
    word(url),
  ].join(' ');
}
