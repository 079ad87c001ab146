import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A size in bytes: as it is, and compressed with brotli at its highest quality, 11. */
export interface Size {
  raw: number
  brotli: number
}

/** What the package weighs. */
export interface Sizes {
  /** The bundle of an app that imports nothing but `createClient`, both dependencies included, minified. */
  client: Size
  /** The bundles of an app that imports `createClient` of `latchkey/lazy` instead. */
  lazy: LazySize
  /** What each entry beside it adds to that bundle, by its name. */
  addOns: Record<AddOn, Size>
  /** What each entry adds to the start of an app of `latchkey/lazy`, in bytes with brotli. */
  addedToStart: Record<AddOn, number>
  /** The file for a script tag, as it ships. */
  global: Size
  /** The file of a worker that holds sessions, as it ships. */
  workerFile: Size
  /** The two files of the callback page, as they ship; each compressed by itself, as a server would. */
  callbackPage: Size
  /** The two files of the page for front-channel logout, in the same way. */
  logoutPage: Size
}

/**
 * What the package may weigh, in bytes with brotli: the client is not to grow on its way down to `sizeAim`. What an add-on
 * may add is in `addOns`.
 */
export const sizeBudget = {
  client: 28_120,
  global: 31_620,
  workerFile: 18_945,
  callbackPage: 1000,
  logoutPage: 2700,
} as const

/** What the client is to weigh one day, in bytes with brotli. */
export const sizeAim = 21_000

/** What the file for a script tag, which has the client and the button in it, is to weigh one day, in bytes with brotli. */
export const globalSizeAim = 24_200

/** Measures what the built package weighs. */
export async function measureSizes(): Promise<Sizes> {
  return {
    client: sizeOf(await bundle(client)),
    lazy: await measureLazy(),
    addOns: await measureEach(measureAddOn),
    addedToStart: await measureEach(measureAddedToStart),
    global: measureGlobal(),
    workerFile: measureWorkerFile(),
    callbackPage: measurePage('callback'),
    logoutPage: measurePage('logout'),
  }
}

async function measureEach<T>(measure: (statement: string) => Promise<T>): Promise<Record<AddOn, T>> {
  const results: Partial<Record<AddOn, T>> = {}
  for (const name of addOnNames) results[name] = await measure(addOns[name].statement)
  return results as Record<AddOn, T>
}

/** What an app loads of `latchkey/lazy`: with each page, and once it is needed. */
export interface LazySize {
  start: Size
  engine: Size
  total: Size
}

/** The import of an app that loads the engine later. */
export const lazyClient = "import { createClient } from 'latchkey/lazy'"

/** What an app may load of `latchkey/lazy`, in bytes with brotli. */
export const lazyBudget = { start: 10_510, total: 30_680 } as const

/** What it is to load one day, in bytes with brotli. */
export const lazyAim = { start: 7_200, total: 22_800 } as const

/** What an `import()` of an add-on may add to the start, in bytes with brotli. */
export const importBudget = 250

/** The import that every app has. */
export const client = "import { createClient } from 'latchkey'"

/**
 * The entries that an app can import beside `latchkey`, which alone must not carry them: the import, what it may add to the
 * client's bundle and to the start of `latchkey/lazy`, in bytes with brotli (the framework that it binds to does not count), and
 * words that only it has. `latchkey/dpop`, `latchkey/element` and `latchkey/userinfo` move code of the engine into the start.
 */
export const addOns = {
  dpop: {
    statement: "import { dpop } from 'latchkey/dpop'",
    budget: 1920,
    startBudget: 8900,
    words: ['dpop+jwt', 'calculateThumbprint()', 'DPoP-Nonce'],
  },
  element: {
    statement: "import { LoginButton } from 'latchkey/element'\nimport 'latchkey/element/define'",
    budget: 2550,
    startBudget: 21230,
    words: ['login-button', 'attachShadow', '--latchkey-accent'],
  },
  exchange: {
    statement: "import { exchangeToken } from 'latchkey/exchange'",
    budget: 1270,
    startBudget: 1570,
    words: ['token-exchange', 'issued_token_type', 'n_a'],
  },
  external: {
    statement: "import { external } from 'latchkey/external'",
    budget: 600,
    startBudget: 740,
    words: ['external_failed', 'private-use scheme', 'needs a page, which a worker does not have'],
  },
  'id-token': {
    statement: "import { getIdToken } from 'latchkey/id-token'",
    budget: 400,
    startBudget: 410,
    words: ['the refresh returned no new one'],
  },
  idle: {
    statement: "import { logoutWhenIdle, onSessionEnding } from 'latchkey/idle'",
    budget: 890,
    startBudget: 1010,
    words: ['latchkey activity', 'pointermove'],
  },
  'initiated-login': {
    statement: "import { readInitiatedLogin } from 'latchkey/initiated-login'",
    budget: 500,
    startBudget: 500,
    words: ['target_link_uri', 'the request to log in repeats'],
  },
  overlay: {
    statement: "import { overlay } from 'latchkey/overlay'",
    budget: 1600,
    startBudget: 2150,
    words: ['latchkey-overlay', 'showModal', 'publickey-credentials-get'],
  },
  'session-watch': {
    statement: "import { watchSession } from 'latchkey/session-watch'",
    budget: 1200,
    startBudget: 1890,
    words: ['check_session_iframe', 'latchkey watched'],
  },
  userinfo: {
    statement: "import { getUserInfo } from 'latchkey/userinfo'",
    budget: 1000,
    startBudget: 10400,
    words: ['userinfo_endpoint', 'application/jwt'],
  },
  worker: {
    statement: "import { workerVault } from 'latchkey/worker'",
    budget: 1220,
    startBudget: 1330,
    words: ['MessageChannel', 'workerVault()'],
  },
  angular: {
    statement: "import { authInterceptor, injectAuth, provideAuth, requireLogin } from 'latchkey/angular'",
    budget: 1600,
    startBudget: 1700,
    words: ['ng-server-context', 'provideAuth('],
  },
  react: {
    statement: "import { AuthProvider, RequireLogin, useAuth, useToken } from 'latchkey/react'",
    budget: 900,
    startBudget: 950,
    words: ['useSyncExternalStore', 'AuthProvider'],
  },
  vue: {
    statement: "import { createAuth, requireLogin, useAuth } from 'latchkey/vue'",
    budget: 800,
    startBudget: 800,
    words: ['onScopeDispose', 'createAuth('],
  },
  svelte: {
    statement: "import { getAuth, setAuth } from 'latchkey/svelte'",
    budget: 430,
    startBudget: 460,
    words: ['setAuth(', 'getAuth('],
  },
  solid: {
    statement: "import { AuthProvider, RequireLogin, useAuth } from 'latchkey/solid'",
    budget: 590,
    startBudget: 630,
    words: ['sharedConfig', 'AuthProvider'],
  },
} as const

/** What is for tests, and has no budget: what of it must never be in an app's bundle. */
export const testing = {
  statement: "import { createTestClient, seedSession } from 'latchkey/testing'",
  words: ['test-token-', 'LatchkeySeed', 'latchkey-seed'],
} as const

/** The name of an add-on: `latchkey/<name>`. */
export type AddOn = keyof typeof addOns

/** All of them. */
export const addOnNames = Object.keys(addOns) as AddOn[]

const frameworks = ['react', 'vue', 'svelte', 'svelte/store', 'solid-js', 'rxjs', /^@angular\//]

/**
 * Measures by how much an import of an add-on makes the client's bundle larger. With brotli it is the mean over bundles that
 * start with more and more spaces: where its blocks begin moves a difference by 60 bytes, whatever was changed.
 */
export async function measureAddOn(statement: string): Promise<Size> {
  return measureAdded(await bundle(client), await bundle(`${client}\n${statement}`))
}

/** Measures by how much imports make the start of an app of `latchkey/lazy` larger, in bytes with brotli. */
export async function measureAddedToStart(imports: string): Promise<number> {
  const [alone] = await bundleChunks(lazyClient)
  const [both] = await bundleChunks(`${lazyClient}\n${imports}`)
  return measureAdded(alone, both).brotli
}

function measureAdded(alone: string, both: string): Size {
  const starts = Array.from({ length: 8 }, (_, index) => ' '.repeat(index * 9))
  const added = starts.map((start) => compress(start + both) - compress(start + alone))
  const mean = added.reduce((sum, one) => sum + one, 0) / added.length
  return { raw: both.length - alone.length, brotli: Math.round(mean) }
}

/** Measures the file for a script tag as `exports` names it. */
export function measureGlobal(): Size {
  return sizeOf(readFileSync(findEntry('./latchkey.global.js')))
}

/** Measures the file of a worker as `exports` names it. */
export function measureWorkerFile(): Size {
  return sizeOf(readFileSync(findEntry('./worker.js')))
}

/** Measures a page, with its script, as `exports` names it. */
export function measurePage(name: 'callback' | 'logout'): Size {
  const files = [`./${name}.html`, `./${name}.js`].map((subpath) => sizeOf(readFileSync(findEntry(subpath))))
  return {
    raw: files.reduce((sum, { raw }) => sum + raw, 0),
    brotli: files.reduce((sum, { brotli }) => sum + brotli, 0),
  }
}

/**
 * Bundles an app that has these imports of the built package, as Vite does for production by default: minified by its own
 * minifier, for the browsers that it aims at. (esbuild as the minifier came to 0.2 kB more.)
 */
export async function bundle(imports: string): Promise<string> {
  const chunks = await bundleChunks(imports)
  if (chunks.length !== 1) throw new Error('expected one chunk')
  return chunks[0]
}

/** Measures an app that imports nothing but `createClient` of `latchkey/lazy`. */
export async function measureLazy(): Promise<LazySize> {
  const [start, ...engine] = await bundleChunks(lazyClient)
  if (engine.length !== 1) throw new Error('expected the start and one file of the engine')
  const sizes = { start: sizeOf(start), engine: sizeOf(engine[0]!) }
  return {
    ...sizes,
    total: {
      raw: sizes.start.raw + sizes.engine.raw,
      brotli: sizes.start.brotli + sizes.engine.brotli,
    },
  }
}

/** Bundles an app as `bundle` does, the part that every page loads first. */
export const bundleChunks = remember(async (imports): Promise<[start: string, ...later: string[]]> => {
  const names = [...imports.matchAll(/\{(.*?)\}/g)].map((one) => one[1]).join()
  // Assigned to something that outlives the module: all of it is used.
  const code = `${imports}\nglobalThis.used = { ${names} }`
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [consumer(code)],
    build: { write: false, rollupOptions: { input: 'virtual:consumer', external: frameworks } },
  })
  if (!('output' in result)) throw new Error('expected one build')
  return result.output.map((one) => (one.type === 'chunk' ? one.code : '')) as [string, ...string[]]
})

/** Measures a file's content. */
export function sizeOf(content: string | Buffer): Size {
  const bytes = Buffer.from(content)
  return { raw: bytes.length, brotli: brotliCompressSync(bytes).length }
}

const compress = remember((code) => sizeOf(code).brotli)

/** Caches what a function returns for each text: most apps are measured more than once, and each build takes a second. */
function remember<T>(measure: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>()
  return (text) => {
    if (!results.has(text)) results.set(text, measure(text))
    return results.get(text)!
  }
}

/** Finds the built file that a subpath of the package stands for. */
export function findEntry(subpath: string): string {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { default: string }>
  }
  const entry = exports[subpath]
  if (!entry) throw new Error(`package.json exports no "${subpath}"`)
  const file = join(root, typeof entry === 'string' ? entry : entry.default)
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`)
  return file
}

function consumer(code: string): Plugin {
  return {
    name: 'consumer',
    enforce: 'pre',
    resolveId(id) {
      if (id === 'virtual:consumer') return id
      return /^latchkey(\/|$)/.test(id) ? this.resolve(findEntry(id.replace('latchkey', '.'))) : undefined
    },
    load: (id) => (id === 'virtual:consumer' ? code : undefined),
  }
}
