import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyCors } from './cors.js'

/** The response to a `GET`. */
export interface JsonAnswer {
  status: number
  headers?: Record<string, string>
  body: object
}

/** Options of `startJsonServer`. */
export interface JsonServerOptions {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The origins of the apps that may call from a browser. @default [] */
  allowedOrigins?: string[] | undefined
  /** Handles a `GET` of the URL; returns undefined if there is no such resource. */
  answer(request: IncomingMessage, url: URL): Promise<JsonAnswer | undefined>
}

/** A running server. */
export interface RunningService {
  /** The server's origin. */
  url: string
  /** Stops the server and closes all its connections. */
  close(): Promise<void>
}

/** Starts a server on the loopback interface that responds with JSON. */
export async function startJsonServer({
  port,
  allowedOrigins = [],
  answer,
}: JsonServerOptions): Promise<RunningService> {
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    if (applyCors(request, response, allowedOrigins)) return
    if (request.method !== 'GET')
      return send(response, { status: 405, headers: { Allow: 'GET, OPTIONS' }, body: { error: 'method_not_allowed' } }) // prettier-ignore
    // A path such as "//" is not a valid URL.
    const asked = URL.canParse(request.url ?? '/', url) ? new URL(request.url ?? '/', url) : undefined
    const found = asked && (await answer(request, asked))
    send(response, found ?? { status: 404, body: { error: 'not_found' } })
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) send(response, { status: 500, body: { error: 'server_error' } })
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

function send(response: ServerResponse, { status, headers = {}, body }: JsonAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
