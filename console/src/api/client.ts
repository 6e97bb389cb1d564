import createClient, { type Middleware } from 'openapi-fetch';
import { guardHeader } from './attended';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** A refusal of the server (RFC 9457): says what could not be done, what was found and what is allowed. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: { field: string; message: string }[] = [],
  ) {
    super(detail);
  }
}

/** Told when the login is over, so that the login screen is shown. */
let onLoggedOut: () => void = () => {};
export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act;
}

async function problemOf(response: Response): Promise<ProblemError> {
  try {
    const body = (await response.clone().json()) as Partial<Schemas['Problem']>;
    return new ProblemError(
      response.status,
      body.code ?? 'unknown',
      body.detail ?? body.title ?? response.statusText,
      (body.errors ?? []) as { field: string; message: string }[],
    );
  } catch {
    return new ProblemError(response.status, 'unknown', `the server answered ${response.status} ${response.statusText}`);
  }
}

const guard: Middleware = {
  onRequest({ request }) {
    Object.entries(guardHeader()).forEach(([name, value]) => request.headers.set(name, value));
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (response.status === 401) onLoggedOut();
    throw problem;
  },
  onError() {
    return new ProblemError(0, 'unreachable', 'the server does not answer; is it running, and is the network there?');
  },
};

export const api = createClient<paths>({ credentials: 'same-origin' });
api.use(guard);

/** The body of an answer that has one. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data: body } = await answer;
  if (body === undefined) throw new ProblemError(200, 'empty', 'the server answered without a body');
  return body;
}

/** For routes whose answer is not JSON, or that the document does not type. */
export async function raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      ...guardHeader(),
      ...(body === undefined || typeof body === 'string' ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }).catch(() => {
    throw new ProblemError(0, 'unreachable', 'the server does not answer; is it running, and is the network there?');
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && path !== '/api/v1/session') onLoggedOut();
    throw problem;
  }
  return response;
}

export async function logIn(token: string): Promise<Schemas['Login']> {
  const answer = await raw('POST', '/api/v1/session', undefined, { Authorization: `Bearer ${token.trim()}` });
  return (await answer.json()) as Schemas['Login'];
}

export async function logOut(everywhere: boolean): Promise<void> {
  await raw('DELETE', everywhere ? '/api/v1/sessions' : '/api/v1/session');
}
