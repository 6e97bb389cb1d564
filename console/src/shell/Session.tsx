import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { ProblemError, api, data, logOut, whenLoggedOut, type Schemas } from '../api/client';
import { openStream } from '../api/stream';
import { Idle } from './Idle';
import { Loading, Problem } from '../ui/feedback';
import { LogIn } from './LogIn';

const Me = createContext<Schemas['Whoami'] | undefined>(undefined);

/** Who is logged in; only below {@link Session}. */
export function useMe(): Schemas['Whoami'] {
  const me = useContext(Me);
  if (me === undefined) throw new Error('nobody is logged in here');
  return me;
}

const RANK: Record<string, number> = { viewer: 0, operator: 1, admin: 2 };

/** Why the caller may not do what needs the role, or undefined when it may. The server refuses it anyway. */
export function useLacks(role: 'operator' | 'admin'): string | undefined {
  const me = useMe();
  return (RANK[me.role] ?? 0) >= (RANK[role] ?? 0) ? undefined : `needs the role ${role}; ${me.name} is ${me.role}`;
}

export type Verb = 'read' | 'write' | 'admin';

/**
 * Why the caller may not do this to a kind of object, or undefined when it may: role and scope as the server judges them. What one may not
 * do is shown disabled with this as its title, or is absent; the server refuses it anyway.
 */
export function useMay(kind: string, verb: Verb = 'write'): string | undefined {
  return useMe().lacks[kind]?.[verb];
}

/** Tells the other windows of this browser, which share the login. */
type Word = 'in' | 'out';

/** Without one, each window finds out by its next request. */
const windows = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('muster-session');

function tellWindows(word: Word): void {
  windows?.postMessage(word);
}

/** Ends the login of this browser, or every login of its token, and shows the login in all of its windows. */
export async function leave(everywhere: boolean): Promise<void> {
  await logOut(everywhere).finally(() => tellWindows('out'));
  window.location.reload();
}

/** Shows the console to who is logged in, and the login to everybody else. */
export function Session({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [loggedOut, setLoggedOut] = useState(false);
  const wasInside = useRef(false);
  const me = useQuery({
    queryKey: ['me'],
    queryFn: () => data(api.GET('/api/v1/whoami')),
    staleTime: Infinity,
    retry: (failures, error) => failures < 3 && error instanceof ProblemError && error.status === 0,
  });
  useEffect(() => {
    const end = () => {
      setLoggedOut(true);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    };
    whenLoggedOut(end);
    if (windows === undefined) return;
    windows.onmessage = ({ data: word }: MessageEvent<Word>) => {
      // Somebody else may have logged in: nothing of who was here before stays on the screen.
      if (word === 'in') window.location.reload();
      else end();
    };
  }, [queries]);
  const inside = me.data !== undefined && !loggedOut;
  useEffect(() => {
    if (!inside) return;
    wasInside.current = true;
    return openStream(queries);
  }, [inside, queries]);

  if (inside) return <Me.Provider value={me.data}>{children}<Idle /></Me.Provider>;
  if (loggedOut || (me.error instanceof ProblemError && me.error.status === 401)) {
    return (
      <LogIn
        ended={wasInside.current}
        onDone={() => {
          setLoggedOut(false);
          tellWindows('in');
          void queries.invalidateQueries();
        }}
      />
    );
  }
  if (me.error) return <Problem what="The console cannot start" error={me.error} retry={() => void me.refetch()} />;
  return <Loading what="asking who you are…" />;
}
