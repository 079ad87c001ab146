import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Access, AccessCheck, Needs } from './access.js'
import { applyCors } from './cors.js'

/** A path that a service answers, by `GET`. */
export interface Route extends Needs {
  answer(call: Granted): object | Promise<object>
}

/** A call that may come in. */
export type Granted = Exclude<Access, { error: string }> & { query: URLSearchParams }

/** What a service is made of. */
export interface ServiceOptions {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The origins of the apps that may call from a browser. */
  allowedOrigins?: string[]
  check: AccessCheck
  routes: Record<string, Route>
}

/** A running service. */
export interface RunningService {
  /** The origin that it listens at. */
  url: string
  /** Ends it with every open connection. */
  close(): Promise<void>
}

/** Starts a service on the loopback interface: each of its paths wants an access token. */
export async function startService({
  port,
  allowedOrigins = [],
  check,
  routes,
}: ServiceOptions): Promise<RunningService> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    if (applyCors(request, response, allowedOrigins)) return
    const { pathname, searchParams: query } = new URL(request.url ?? '/', url)
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
    if (!route) return send(response, 404, { error: 'not_found' })
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET, OPTIONS')
      return send(response, 405, { error: 'method_not_allowed' })
    }
    const access = await check(request, url + pathname, route)
    for (const [name, value] of Object.entries(access.headers ?? {})) response.setHeader(name, value)
    if ('error' in access)
      return send(response, access.status, { error: access.error, error_description: access.description })
    send(response, 200, await route.answer({ ...access, query }))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) send(response, 500, { error: 'server_error' })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', resolve)
  })
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
