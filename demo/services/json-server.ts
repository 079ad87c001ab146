import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyCors } from './cors.js'

/** What a server answers to a `GET`. */
export interface JsonAnswer {
  status: number
  headers?: Record<string, string>
  body: object
}

/** What a server is made of. */
export interface JsonServerOptions {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The origins of the apps that may call from a browser. @default [] */
  allowedOrigins?: string[] | undefined
  /** Answers a `GET` of the URL; undefined when there is nothing. */
  answer(request: IncomingMessage, url: URL): Promise<JsonAnswer | undefined>
}

/** A running server. */
export interface RunningService {
  /** The origin that it listens at. */
  url: string
  /** Ends it with every open connection. */
  close(): Promise<void>
}

/** Starts a server on the loopback interface that answers in JSON. */
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
    // A path such as "//" is no URL.
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
