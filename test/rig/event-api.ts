import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTokenCheck } from './token-check.js'

/** A running API with a stream of events. */
export interface EventApi {
  /** Where it is; also the resource that its tokens must be for. */
  origin: string
  /** The streams that were opened with a valid token: the token, and the last event that the page had. */
  streams: { token: string; lastEventId: string | undefined; isOpen: boolean }[]
  /** Refuses this token from now on, as if it had been revoked. */
  refused: string | undefined
  /** How often a token was refused. */
  refusals: number
  /** Sends an event on the open stream. */
  send(data: string): void
  /** Ends the open stream. */
  end(): void
  close(): Promise<void>
}

/** Starts an API on the loopback interface that sends events to whoever has a token of the issuer for it. */
export async function startEventApi(issuer: string): Promise<EventApi> {
  let open: ServerResponse | undefined
  let count = 0
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const check = createTokenCheck({
    ...{ issuer, audience: origin, scope: 'events' },
    allowedHeaders: 'Authorization, Last-Event-ID',
    exposedHeaders: 'WWW-Authenticate',
  })
  const api: EventApi = {
    ...{ origin, streams: [], refused: undefined, refusals: 0 },
    // A reconnect must not take the three seconds of the default.
    send: (data) => void open!.write(`retry: 10\nid: ${++count}\ndata: ${data}\n\n`),
    end: () => void open!.end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  server.on('request', async (request, response) => {
    const accepted = await check(request, response)
    if (!accepted) return
    const { token } = accepted
    if (token === api.refused) {
      api.refusals++
      return response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end()
    }
    const stream = { token, lastEventId: request.headers['last-event-id']?.toString(), isOpen: true }
    api.streams.push(stream)
    response.on('close', () => void (stream.isOpen = false))
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.flushHeaders()
    open = response
  })
  return api
}
