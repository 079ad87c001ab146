import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lock = join(root, 'src/browser/web-lock.ts')
/** The entries beside `latchkey` itself, by their file. */
const addOns = [
  'dpop',
  'element/define',
  'exchange',
  'external',
  'id-token',
  'idle',
  'initiated-login',
  'overlay',
  'session-watch',
  'userinfo',
  'worker',
  'testing',
]

/** Where the test page's bundles are. */
export const consumersFolder: string = join(root, 'test/.build')
/** Where the built callback page is. */
export const callbackFolder: string = join(root, 'dist/page')

/**
 * Builds the bundles of an app that uses the package: `latchkey.js` from the built package, `lazy/latchkey.js` from its `latchkey/lazy`
 * with `lazy/engine.js` beside it, and `latchkey-unlocked.js` from the source with the lock taken out.
 */
export async function buildConsumers(): Promise<void> {
  const entry = join(root, 'dist/index.js')
  if (!existsSync(entry))
    return console.warn('dist/index.js is missing: run "npm run build" before tests of the library')
  if (newestChange(join(root, 'src')) > statSync(entry).mtimeMs) {
    console.warn('dist is older than src: run "npm run build" to test what the source says')
  }
  await buildConsumer('latchkey.js', [entry, ...addOns.map((name) => join(root, `dist/${name}.js`))])
  await buildLazyConsumer()
  if (existsSync(lock)) {
    const sources = ['index', ...addOns].map((name) => join(root, `src/${name}.ts`))
    await buildConsumer('latchkey-unlocked.js', sources, [withoutLock()])
  }
}

/** Builds `baseline/latchkey.js` from another build of the package, in its `dist` folder, for a comparison with this one. */
export async function buildBaseline(dist: string): Promise<void> {
  await buildConsumer('baseline/latchkey.js', [join(dist, 'index.js')])
}

async function buildConsumer(file: string, libraries: string[], plugins: Plugin[] = []): Promise<void> {
  const [code] = await bundle(consumerOf(libraries), plugins)
  write(file, code!)
}

/** Builds an app of `latchkey/lazy`: a start, and the engine as a file of its own. */
async function buildLazyConsumer(): Promise<void> {
  const from = (name: string) => JSON.stringify(join(root, `dist/${name}.js`))
  // What would bring the engine along is left out.
  const code = `
    import { AuthError, isAuthError, indexedDBStore, memoryStore, sessionStore } from ${from('index')}
    import { createClient } from ${from('lazy')}
    import { dpop } from ${from('dpop')}
    import { overlay } from ${from('overlay')}
    window.latchkey = { AuthError, isAuthError, indexedDBStore, memoryStore, sessionStore, createClient, dpop, overlay }`
  const [start, engine, ...more] = await bundle(consumer(code), [])
  if (!engine || more.length > 0) throw new Error('expected the start and one file of the engine')
  write('lazy/latchkey.js', start!)
  write('lazy/engine.js', engine)
}

async function bundle(consumer: Plugin, plugins: Plugin[]): Promise<string[]> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [consumer, ...plugins],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: {
        input: 'virtual:consumer',
        output: { entryFileNames: 'latchkey.js', chunkFileNames: 'engine.js', assetFileNames: '[name]' },
      },
      assetsDir: '',
    },
  })
  if (!('output' in result)) throw new Error('expected one bundle')
  return result.output.flatMap((one) => (one.type === 'chunk' ? [one.code] : []))
}

function write(file: string, code: string): void {
  const temporary = join(consumersFolder, `${file}.${process.pid}`)
  mkdirSync(dirname(temporary), { recursive: true })
  writeFileSync(temporary, code)
  renameSync(temporary, join(consumersFolder, file))
}

/** An app that has everything of the libraries in `window.latchkey`. */
function consumerOf(libraries: string[]): Plugin {
  const imports = libraries.map((path, index) => `import * as part${index} from ${JSON.stringify(path)}`)
  const parts = libraries.map((_, index) => `...part${index}`)
  return consumer(`${imports.join('\n')}\nwindow.latchkey = { ${parts.join(', ')} }`)
}

function consumer(code: string): Plugin {
  return {
    name: 'consumer',
    resolveId: (id) => (id === 'virtual:consumer' ? id : undefined),
    load: (id) => (id === 'virtual:consumer' ? code : undefined),
  }
}

function withoutLock(): Plugin {
  return {
    name: 'without-lock',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (!id.endsWith('/web-lock.js') || !importer) return undefined
      const resolved = await this.resolve(id, importer, { skipSelf: true })
      return resolved?.id === lock ? join(root, 'test/rig/no-lock.ts') : undefined
    },
  }
}

function newestChange(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Math.max(
    ...entries
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )
}
