import { readFileSync } from 'node:fs'
import { transform } from 'esbuild'
import { build, type LibraryOptions, type Plugin, type UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'

interface Manifest {
  bin: Record<string, string>
  exports: Record<string, string | { default: string }>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
}
const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as Manifest

// Five builds: the package's entries as ES modules with all packages left out; the scripts of the callback page and of the logout page,
// each as one classic file that a strict CSP allows; one such file with everything in it, for a script tag; and one for a worker. What `exports` or `bin` names as
// `dist/a.js` is built from `src/a.ts`.
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
// Not exported, but a file by that name in each app that imports `latchkey/lazy` (src/vite.ts).
entries['engine'] = 'src/engine.ts'
const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })

// Browser tests (*.spec.ts) are Playwright's. Vitest would leave one core free, which on two is half of them.
const test = {
  dir: 'test',
  exclude: ['**/node_modules/**', '**/*.spec.ts'],
  maxWorkers: '100%',
  testTimeout: 30_000,
}

// `latchkey/testing` runs on Node and writes in a page: what it runs there is built by itself, and travels as text.
const seedScript: Plugin = {
  name: 'seed-script',
  async load(id) {
    if (!id.endsWith('/src/testing/seed-script.ts')) return undefined
    const result = await build({
      configFile: false,
      logLevel: 'error',
      build: {
        write: false,
        target: 'es2022',
        lib: { entry: 'src/testing/write-session.ts', formats: ['iife'], name: 'LatchkeySeed' },
      },
    })
    const [built] = [result].flat()
    if (!built || !('output' in built)) throw new Error('expected one bundle')
    return `export const seedScript = ${JSON.stringify(built.output[0].code)}`
  },
}

// Style sheets stand in strings, which no minifier of scripts looks into.
const styleSheets: Plugin = {
  name: 'style-sheets',
  async transform(code, id) {
    if (!/\bstyle\.ts$/.test(id)) return undefined
    const [quoted, sheet] = /(?<== )`([^`]+)`/.exec(code) ?? []
    if (!quoted || !sheet) throw new Error(`expected a style sheet in ${id}`)
    const { code: minified } = await transform(sheet, { loader: 'css', minify: true })
    return { code: code.replace(quoted, () => JSON.stringify(minified.trim())), map: null }
  },
}

/** The package's entries. */
const modules: UserConfig = {
  plugins: [seedScript, styleSheets],
  publicDir: false,
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: { entry: entries, formats: ['es'] },
    rollupOptions: {
      external: [...packages.map((name) => new RegExp(`^${name}(/|$)`)), /^node:/],
      // 'use client' of latchkey/react: it stays where it is, the first line of its entry.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
}

/** The script of the callback page, with the page, and with that for front-channel logout. */
const callback: UserConfig = {
  publicDir: 'src/page',
  build: { outDir: 'dist/page', lib: buildScript('src/callback.ts', 'LatchkeyCallback', 'callback.js') },
}

/** The script of the page for front-channel logout. The page is there already. */
const logout: UserConfig = {
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    outDir: 'dist/page',
    lib: buildScript('src/logout-page.ts', 'LatchkeyLogout', 'logout.js'),
  },
}

/** The file for a script tag. The entries are there already. */
const global: UserConfig = {
  plugins: [styleSheets],
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: buildScript('src/global.ts', 'Latchkey', 'latchkey.global.js'),
  },
}

/** The file of a worker that holds sessions. The callback page is there already. */
const worker: UserConfig = {
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    outDir: 'dist/page',
    lib: buildScript('src/worker/start.ts', 'LatchkeyWorker', 'worker.js'),
  },
}

function buildScript(entry: string, name: string, file: string): LibraryOptions {
  return { entry, formats: ['iife'], name, fileName: () => file }
}

const scripts: Record<string, UserConfig> = { callback, logout, global, worker }

export default defineConfig(({ mode }) => scripts[mode] ?? { ...modules, test })
