import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** The app's built files by path. */
export type AppFiles = Map<string, string | Uint8Array>

/** Options of `buildAppFiles`. */
export interface AppBuild {
  /** The app's folder under `demo/`. */
  folder: string
  /** The path under which it is served. @default '/' */
  base?: string
  /** Constants to replace in its code, as in Vite's `define`. */
  define: Record<string, string>
  /** Adds the demo's own parts to its page. */
  dress?: (html: string) => string
  /** The folder of the built package. */
  dist?: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Builds an app of the demo in memory, with the package from `dist/`, and with the app's own Vite configuration if it has one.
 *
 * This is a build, not Vite's development server: it takes a fraction of a second, and its output runs under the strict Content
 * Security Policy of this demo.
 */
export async function buildAppFiles({
  folder,
  base = '/',
  define,
  dress = (html) => html,
  dist = here('../dist'),
}: AppBuild): Promise<AppFiles> {
  const root = here(folder)
  const configFile = `${root}/vite.config.ts`
  const result = await build({
    configFile: existsSync(configFile) && configFile,
    root,
    base,
    logLevel: 'warn',
    publicDir: false,
    define,
    // Before Vite resolves the page's references.
    plugins: [{ name: 'dress', transformIndexHtml: { order: 'pre', handler: dress } }],
    resolve: {
      alias: [
        { find: /^latchkey$/, replacement: `${dist}/index.js` },
        { find: /^latchkey\//, replacement: `${dist}/` },
      ],
    },
    // Nothing inline: no data URLs, and no module preload polyfill.
    build: { write: false, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  })
  const files: AppFiles = new Map()
  for (const { output } of [result].flat() as { output: BuiltFile[] }[]) {
    for (const file of output)
      files.set(`${base}${file.fileName}`, file.type === 'chunk' ? file.code : file.source)
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
