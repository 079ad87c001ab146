import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

interface Manifest {
  bin: Record<string, string>
  exports: Record<string, string | { default: string }>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
}
const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as Manifest

// Two builds: the package's entries as ES modules with all packages left out, and the callback page's script as one
// classic file that a strict CSP allows. What `exports` or `bin` names as `dist/a.js` is built from `src/a.ts`.
const entries = Object.fromEntries(
  [
    ...Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [] : target.default,
    ),
    ...Object.values(manifest.bin),
  ].flatMap((file) => {
    const name = /^(?:\.\/)?dist\/(.+)\.js$/.exec(file)?.[1]
    return name ? [[name, `src/${name}.ts`]] : []
  }),
)
const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })

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
          rollupOptions: {
            external: [...packages, /^node:/],
            // 'use client' of latchkey/react: it stays where it is, the first line of its entry.
            onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
          },
        },
      },
)
