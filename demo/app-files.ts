import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { DemoConfig } from './app/config.js'

/** The app's files by their path, as they go over the wire. */
export type AppFiles = Map<string, string | Uint8Array>

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Builds the demo's app in memory, with the package as it is built in `dist/`.
 *
 * A build and not Vite's development server: it takes a fraction of a second, and what it makes runs under the
 * Content Security Policy that this demo shows off.
 */
export async function buildAppFiles(config: DemoConfig, dist: string = here('../dist')): Promise<AppFiles> {
  const result = await build({
    configFile: false,
    root: here('app'),
    logLevel: 'warn',
    publicDir: false,
    define: { DEMO_CONFIG: JSON.stringify(config) },
    resolve: {
      alias: [
        { find: /^latchkey$/, replacement: `${dist}/index.js` },
        { find: /^latchkey\//, replacement: `${dist}/` },
      ],
    },
    // Nothing inline: neither data URLs nor the script that old browsers need to preload modules.
    build: { write: false, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
  const files: AppFiles = new Map()
  for (const { output } of [result].flat() as { output: BuiltFile[] }[]) {
    for (const file of output) files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source)
  }
  return files
}

/** Reads the callback page that ships with the package. */
export async function readCallbackPage(): Promise<AppFiles> {
  const names = ['callback.html', 'callback.js']
  return new Map(
    await Promise.all(
      names.map(async (name) => [`/${name}`, await readFile(here(`../dist/page/${name}`))] as const),
    ),
  )
}

type BuiltFile =
  | { type: 'chunk'; fileName: string; code: string }
  | { type: 'asset'; fileName: string; source: string | Uint8Array }
