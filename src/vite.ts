import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The module of `latchkey/lazy` that is loaded later: it is shipped beside this one. */
const engineModule = join(dirname(fileURLToPath(import.meta.url)), 'engine.js').replaceAll('\\', '/')

/** Options of the Vite plugin. */
export interface CallbackPageOptions {
  /**
   * Where the callback page stands below Vite's `base`: a path that begins with `/` and ends with `.html`. Its script,
   * `callback.js`, stands beside it. With a `base` of `/app/`, the `redirectUri` of the default is `/app/callback.html`.
   *
   * @default '/callback.html'
   * @example
   * import { latchkey } from 'latchkey/vite'
   * import { defineConfig } from 'vite'
   * const config = defineConfig({ plugins: [latchkey({ callback: '/login/callback.html' })] })
   */
  callback?: string | undefined
}

/** A plugin of Vite 5 or later, by the few hooks that it has: no version of Vite is needed for its types. */
export interface VitePlugin {
  /** What Vite calls it. */
  name: string
  /** Learns where the app will stand. */
  configResolved(config: { base: string; build: { ssr?: boolean | string } }): void
  /** Serves the two files in development. */
  configureServer(server: ViteServer): void
  /** Serves them in `vite preview`. */
  configurePreviewServer(server: ViteServer): void
  /** Adds them to the build. */
  generateBundle(this: BuildContext): void
  /** Has pages of an app that uses `latchkey/lazy` preload the file that it loads later. */
  transformIndexHtml: { order: 'post'; handler(html: string, page: BuiltPage): PreloadTag[] }
}

/** A page of the build, with the files that it is made of. */
interface BuiltPage {
  path: string
  chunk?: BuiltFile | undefined
  bundle?: Record<string, BuiltFile> | undefined
}

interface BuiltFile {
  fileName: string
  facadeModuleId?: string | null
  imports?: string[]
  dynamicImports?: string[]
}

interface PreloadTag {
  tag: 'link'
  attrs: Record<string, string | true>
  injectTo: 'head'
}

interface ViteServer {
  middlewares: { use(handler: Handler): unknown }
}

interface BuildContext {
  emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown
  /** Of Vite 6 and later, which can build for browser and server in one go. */
  environment?: { config: { consumer?: string } }
}

// Of Node's request and response no more than is needed: so these types need none of Node's.
type Handler = (
  request: { url?: string | undefined; method?: string | undefined },
  response: {
    removeHeader(name: string): void
    writeHead(status: number, headers: Record<string, string>): unknown
    end(body?: string): unknown
  },
  next: () => void,
) => void

/**
 * Serves the callback page in Vite's development and preview servers, and adds it to the build. Pages of an app that uses
 * `latchkey/lazy` preload the file that it loads later. Throws a `TypeError` for a wrong option.
 *
 * The servers send it without COOP, which would cut a popup off, whatever `server.headers` says, with `frame-ancestors 'self'`
 * and without a referrer. Where the build is served, that is for its server to do.
 *
 * @example
 * import { latchkey } from 'latchkey/vite'
 * import { defineConfig } from 'vite'
 * const config = defineConfig({ plugins: [latchkey()] })
 */
export function latchkey({ callback = '/callback.html' }: CallbackPageOptions = {}): VitePlugin {
  if (!/^(\/[\w.~-]+)+\.html$/.test(callback) || /\/\.\.?\//.test(callback))
    throw new TypeError(
      `"callback" must be a path that begins with "/" and ends with ".html", got ${JSON.stringify(callback)}`,
    )
  const files = [
    { path: callback, source: 'callback.html', type: 'text/html; charset=utf-8' },
    {
      path: posix.join(posix.dirname(callback), 'callback.js'),
      source: 'callback.js',
      type: 'text/javascript; charset=utf-8',
    },
  ]
  // The page's link leads to the app, which stands where Vite's `base` is, however deep the page does.
  const toApp = (posix.relative(posix.dirname(callback), '/') || '.') + '/'
  const read = (source: string) => readShipped(source).replace('href="./"', `href="${toApp}"`)
  let base = '/'
  let isServerBuild = false
  let publicBase = '/'

  const serve = ({ middlewares }: ViteServer) => {
    middlewares.use((request, response, next) => {
      const [pathname] = (request.url ?? '').split('?')
      const file = files.find(({ path }) => pathname === base + path.slice(1))
      if (!file || !/^(GET|HEAD)$/.test(request.method ?? '')) return next()
      response.removeHeader('cross-origin-opener-policy')
      response.writeHead(200, {
        'content-type': file.type,
        'cache-control': 'no-cache',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "frame-ancestors 'self'",
      })
      response.end(request.method === 'HEAD' ? undefined : read(file.source))
    })
  }

  return {
    name: 'latchkey',
    configResolved(config) {
      publicBase = config.base
      // `./`, and a base on another host, stand for the path that the servers use then.
      base = new URL(config.base, 'http://localhost').pathname.replace(/\/?$/, '/')
      isServerBuild = !!config.build.ssr
    },
    configureServer: serve,
    configurePreviewServer: serve,
    generateBundle() {
      const { consumer } = this.environment?.config ?? {}
      if (consumer ? consumer === 'server' : isServerBuild) return
      for (const { path, source } of files)
        this.emitFile({ type: 'asset', fileName: path.slice(1), source: read(source) })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_, { path, chunk, bundle = {} }) {
        const engine = chunk && findEngine(chunk, bundle)
        if (!engine) return []
        const isRelative = publicBase === '' || publicBase.startsWith('.')
        const href = isRelative ? posix.relative(posix.dirname(path), `/${engine}`) : publicBase + engine
        const attrs = { rel: 'modulepreload', crossorigin: true, fetchpriority: 'low', href } as const
        return [{ tag: 'link', attrs, injectTo: 'head' }]
      },
    },
  }
}

/** Finds the file of the engine among those that a page's script can load later. */
function findEngine(
  { imports = [], dynamicImports = [] }: BuiltFile,
  bundle: Record<string, BuiltFile>,
  done: Set<string> = new Set(),
): string | undefined {
  const isEngine = (name: string) => bundle[name]?.facadeModuleId?.replaceAll('\\', '/') === engineModule
  const engine = dynamicImports.find(isEngine)
  if (engine) return engine
  for (const name of imports) {
    const file = bundle[name]
    if (!file || done.has(name)) continue
    const further = findEngine(file, bundle, done.add(name))
    if (further) return further
  }
  return undefined
}

/** Reads one of the two files of the callback page, which are shipped beside this one. */
function readShipped(name: string): string {
  // Not by `new URL(…, import.meta.url)`: bundlers take that for an asset of theirs.
  return readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'page', name), 'utf8')
}
