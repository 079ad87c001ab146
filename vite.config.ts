import { defineConfig } from 'vitest/config'

// Two builds: the package's entries as ES modules with its two dependencies left out, and the callback
// page's script as one classic file that a strict CSP allows.
const entries = {
  index: 'src/index.ts',
  callback: 'src/callback.ts',
  dpop: 'src/dpop.ts',
  exchange: 'src/exchange.ts',
  userinfo: 'src/userinfo.ts',
}

// Browser tests (*.spec.ts) are Playwright's.
const test = { dir: 'test', exclude: ['**/*.spec.ts'] }

export default defineConfig(({ mode }) =>
  mode === 'callback'
    ? {
        publicDir: 'src/page',
        build: {
          outDir: 'dist/page',
          lib: {
            entry: 'src/callback.ts',
            formats: ['iife'],
            name: 'LatchkeyCallback',
            fileName: () => 'callback.js',
          },
        },
      }
    : {
        test,
        publicDir: false,
        build: {
          target: 'es2022',
          minify: false,
          sourcemap: true,
          lib: { entry: entries, formats: ['es'] },
          rollupOptions: { external: ['oauth4webapi', 'idb-keyval'] },
        },
      },
)
