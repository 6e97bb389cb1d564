import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const proxy = { '/api': process.env.MUSTER_SERVER ?? 'http://127.0.0.1:8080' };

/** Built into the server's jar; `npx vite` and `npx vite preview` serve it with the API of a server that runs (MUSTER_SERVER). */
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: process.env.CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    assetsDir: 'static', // assets are a screen
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy },
  preview: { proxy },
});
