import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { callbackFolder, consumersFolder } from './build-consumers.js'

const pageFolder = fileURLToPath(new URL('page', import.meta.url))

/** Options of `startAppServer`. */
export interface AppServerOptions {
  /** `localhost`, `127.0.0.1` or a name under `.localhost`. @default 'localhost' */
  host?: string
  /** @default one that is free */
  port?: number
}

/** A request that an app server got. */
export interface AppRequest {
  method: string
  /** The path without the query. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: string
  at: number
}

/** What a route answers; objects become JSON. CORS is open unless `cors` is false. */
export interface RouteAnswer {
  /** @default 200 */
  status?: number
  headers?: Record<string, string>
  body?: string | object
  cors?: boolean
}

/** A route of an app server. */
export type RouteHandler = (request: AppRequest) => RouteAnswer | Promise<RouteAnswer>

/** An origin that serves the test page, the built callback page and routes. */
export interface AppServer {
  origin: string
  /** Headers to add by path; `*` stands for all paths. */
  headers: Record<string, Record<string, string>>
  /** What `createAuth` fills in. */
  authDefaults: object
  /** Creates `window.auth` with these options whenever a test page loads, popups included. */
  authAtLoad: object | undefined
  /** The bundle that is served as `/latchkey.js`; the lazy one loads `/engine.js` later. @default 'latchkey.js' */
  bundle: 'latchkey.js' | 'latchkey-unlocked.js' | 'lazy/latchkey.js' | 'baseline/latchkey.js'
  /** Every request, preflights included. */
  requests: AppRequest[]
  /** Answers a path, or with `/*` at its end all paths below it. */
  route: (path: string, handler: RouteHandler) => void
  close: () => Promise<void>
}

/** Starts an app's origin on the loopback interface. Paths without a dot, and `/app.html`, are the test page. */
export async function startAppServer({
  host = 'localhost',
  port = 0,
}: AppServerOptions = {}): Promise<AppServer> {
  const routes = new Map<string, RouteHandler>()
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  )

  const app: AppServer = {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    headers: {},
    authDefaults: {},
    authAtLoad: undefined,
    bundle: 'latchkey.js',
    requests: [],
    route: (path, handler) => void routes.set(path, handler),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message)
    app.requests.push(request)
    const handler = findRoute(routes, request.path)
    const {
      status = 200,
      headers = {},
      body = '',
    } = handler ? await answerRoute(request, handler) : answerFile(request.path, app)
    const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json'
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-cache',
      ...headers,
      ...app.headers['*'],
      ...app.headers[request.path],
    })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  return app
}

async function readRequest(message: IncomingMessage): Promise<AppRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const { pathname, searchParams } = new URL('http://localhost' + message.url!)
  const { method = 'GET', headers } = message
  return {
    method,
    path: pathname,
    query: searchParams,
    headers,
    body: Buffer.concat(chunks).toString(),
    at: Date.now(),
  }
}

function findRoute(routes: Map<string, RouteHandler>, path: string): RouteHandler | undefined {
  const prefix = [...routes.keys()].find((key) => key.endsWith('/*') && path.startsWith(key.slice(0, -1)))
  return routes.get(path) ?? (prefix ? routes.get(prefix) : undefined)
}

async function answerRoute(request: AppRequest, handler: RouteHandler): Promise<RouteAnswer> {
  const cors = {
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-allow-methods': request.headers['access-control-request-method'] ?? '*',
    'access-control-expose-headers': 'WWW-Authenticate, Retry-After, DPoP-Nonce',
  }
  const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers
  if (isPreflight) return { status: 204, headers: cors }
  const answer = await handler(request)
  return answer.cors === false ? answer : { ...answer, headers: { ...cors, ...answer.headers } }
}

const script = { 'content-type': 'text/javascript; charset=utf-8' }

function answerFile(path: string, app: AppServer): RouteAnswer {
  if (path === '/defaults.js') {
    const { authDefaults, authAtLoad } = app
    return { headers: script, body: `Object.assign(window, ${JSON.stringify({ authDefaults, authAtLoad })})` }
  }
  if (path === '/app.js') return { headers: script, body: read(pageFolder, 'app.js') }
  if (path === '/latchkey.js') return { headers: script, body: read(consumersFolder, app.bundle) }
  if (path === '/engine.js') return { headers: script, body: read(consumersFolder, 'lazy/engine.js') }
  if (path === '/worker.js') return { headers: script, body: read(callbackFolder, 'worker.js') }
  if (path === '/callback.js') return { headers: script, body: read(callbackFolder, 'callback.js') }
  if (path === '/logout.js') return { headers: script, body: read(callbackFolder, 'logout.js') }
  if (path === '/logout.html') return { body: read(callbackFolder, 'logout.html') }
  if (path === '/callback.html') return { body: read(callbackFolder, 'callback.html') }
  if (path === '/app.html' || !path.includes('.')) return { body: read(pageFolder, 'app.html') }
  return { status: 404 }
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return `/* ${file} is not built */`
  }
}
