import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The module of `latchkey/lazy` that is loaded later: it is shipped beside this one. */
const engineModule = join(dirname(fileURLToPath(import.meta.url)), 'engine.js').replaceAll('\\', '/')

/** Options of the Vite plugin. */
export interface CallbackPageOptions {
  /**
   * The path of the callback page under Vite's `base`. Must begin with `/` and end with `.html`. Its script, `callback.js`, is in
   * the same folder. With `base: '/app/'` and the default path, the `redirectUri` is `/app/callback.html`.
   *
   * @default '/callback.html'
   * @example
   * import { latchkey } from 'latchkey/vite'
   * import { defineConfig } from 'vite'
   * const config = defineConfig({ plugins: [latchkey({ callback: '/login/callback.html' })] })
   */
  callback?: string | undefined
  /**
   * The path of the page for front-channel logout under Vite's `base`. Must begin with `/` and end with `.html`. Its script, `logout.js`,
   * is in the same folder.
   *
   * @default none: the page is left out
   * @example
   * import { latchkey } from 'latchkey/vite'
   * import { defineConfig } from 'vite'
   * const config = defineConfig({ plugins: [latchkey({ logout: '/logout.html' })] })
   * @see OpenID Connect Front-Channel Logout 1.0 section 2
   */
  logout?: string | undefined
}

/** A plugin for Vite 5 or later. Declares only the hooks it uses, so that its types need no version of Vite. */
export interface VitePlugin {
  /** The name of the plugin. */
  name: string
  /** Reads the app's base path. */
  configResolved(config: { base: string; build: { ssr?: boolean | string } }): void
  /** Serves the files in development. */
  configureServer(server: ViteServer): void
  /** Serves the files in `vite preview`. */
  configurePreviewServer(server: ViteServer): void
  /** Adds the files to the build. */
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
  /** Vite 6 and later, which can build for browser and server in one run. */
  environment?: { config: { consumer?: string } }
}

// Only the parts of Node's request and response that are used, so that these types do not need Node's.
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
 * Serves the callback page in Vite's development and preview servers, and adds it to the build. With `logout`, it does the same with the
 * page for front-channel logout. Pages of an app that uses `latchkey/lazy` preload the file that it loads later. Throws a `TypeError` for
 * an invalid option.
 *
 * Vite's servers send the page with `frame-ancestors 'self'`, with `Referrer-Policy: no-referrer`, and without COOP even if
 * `server.headers` sets it, because COOP would sever a popup. For the build, set these headers on your own server.
 *
 * @example
 * import { latchkey } from 'latchkey/vite'
 * import { defineConfig } from 'vite'
 * const config = defineConfig({ plugins: [latchkey()] })
 */
export function latchkey({ callback = '/callback.html', logout }: CallbackPageOptions = {}): VitePlugin {
  const files = [
    ...listFiles('callback', callback, callbackHeaders),
    ...(logout === undefined ? [] : listFiles('logout', logout, logoutHeaders)),
  ]
  // The page links to the app, which is at Vite's `base`, however deep the page itself is.
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
        'referrer-policy': 'no-referrer',
        ...file.headers,
      })
      response.end(request.method === 'HEAD' ? undefined : read(file.source))
    })
  }

  return {
    name: 'latchkey',
    configResolved(config) {
      publicBase = config.base
      // Vite's servers resolve `./` and a base on another host to this path.
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

const callbackHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy': "frame-ancestors 'self'",
}

/** The server frames this page, so it has no "frame-ancestors". A copy cached for one session must not answer for another. */
const logoutHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; script-src 'self'",
}

/** A file that the plugin serves. */
interface ServedFile {
  path: string
  /** Its name in the package. */
  source: string
  type: string
  headers: Record<string, string>
}

/** Lists a page and its script, which is in the same folder. Throws a `TypeError` for an invalid path of the page. */
function listFiles(name: 'callback' | 'logout', path: string, headers: Record<string, string>): ServedFile[] {
  if (!/^(\/[\w.~-]+)+\.html$/.test(path) || /\/\.\.?\//.test(path))
    throw new TypeError(
      `"${name}" must be a path that begins with "/" and ends with ".html", got ${JSON.stringify(path)}`,
    )
  const scriptPath = posix.join(posix.dirname(path), `${name}.js`)
  return [
    { path, source: `${name}.html`, type: 'text/html; charset=utf-8', headers },
    { path: scriptPath, source: `${name}.js`, type: 'text/javascript; charset=utf-8', headers },
  ]
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

/** Reads one of the files, which ship next to this module. */
function readShipped(name: string): string {
  // Not `new URL(…, import.meta.url)`: bundlers would treat that as an asset.
  return readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'page', name), 'utf8')
}
