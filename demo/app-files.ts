import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** The app's files by their path, as they go over the wire. */
export type AppFiles = Map<string, string | Uint8Array>

/** Which app is built, and what is put into its code. */
export interface AppBuild {
  /** Its folder below `demo/`. */
  folder: string
  /** Where it is served. @default '/' */
  base?: string
  /** Expressions that stand for names of its code, as Vite's `define` takes them. */
  define: Record<string, string>
  /** Adds to its page what is the demo's. */
  dress?: (html: string) => string
  /** Where the built package is. */
  dist?: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Builds an app of the demo in memory, with the package as it is built in `dist/`, and with the app's own Vite configuration if
 * it has one.
 *
 * A build and not Vite's development server: it takes a fraction of a second, and what it makes runs under the
 * Content Security Policy that this demo shows off.
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
    // Before Vite looks for what the page names.
    plugins: [{ name: 'dress', transformIndexHtml: { order: 'pre', handler: dress } }],
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
