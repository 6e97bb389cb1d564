import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { ProblemError, api, data, whenLoggedOut, type Schemas } from '../api/client';
import { openStream } from '../api/stream';
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

/** Shows the console to who is logged in, and the login to everybody else. */
export function Session({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [loggedOut, setLoggedOut] = useState(false);
  const me = useQuery({
    queryKey: ['me'],
    queryFn: () => data(api.GET('/api/v1/whoami')),
    staleTime: Infinity,
    retry: (failures, error) => failures < 3 && error instanceof ProblemError && error.status === 0,
  });
  useEffect(() => {
    whenLoggedOut(() => {
      setLoggedOut(true);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    });
  }, [queries]);
  const inside = me.data !== undefined && !loggedOut;
  useEffect(() => (inside ? openStream(queries) : undefined), [inside, queries]);

  if (inside) return <Me.Provider value={me.data}>{children}</Me.Provider>;
  if (loggedOut || (me.error instanceof ProblemError && me.error.status === 401)) {
    return (
      <LogIn
        onDone={() => {
          setLoggedOut(false);
          void queries.invalidateQueries();
        }}
      />
    );
  }
  if (me.error) return <Problem what="The console cannot start" error={me.error} retry={() => void me.refetch()} />;
  return <Loading what="asking who you are…" />;
}
