import '@mantine/core/styles.css';
import './main.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api/client';
import { Session } from './shell/Session';
import { router } from './router';
import { theme } from './theme';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays a refusal; only a server that does not answer is asked again.
      retry: (failures, error) => failures < 2 && (!(error instanceof ProblemError) || error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: true,
    },
  },
});

// The code of the screen comes while the server is asked who this is.
void router.load();

const root = document.getElementById('root');
if (root === null) throw new Error('the page lacks its root element');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Session>
          <RouterProvider router={router} />
        </Session>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
