import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../src/index.js'
import { sendWithProof } from '../../src/add-ons/dpop/dpop-fetch.js'
import { fetchWithToken } from '../../src/add-ons/dpop/fetch-with-token.js'
import { openDPoPKey } from '../../src/add-ons/dpop/key.js'
import { buildConfig } from '../../src/config.js'
import { exposeHost } from '../../src/session/add-on.js'

// A real server that requires a nonce or has another time. In Node, which has the same `fetch`: browsers send streams over HTTP/2 only.
// `dpop-nonces.spec.ts` and `dpop-clock.spec.ts` run in a browser.
const bodies: string[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  bodies.push(body)
  if (request.url === '/clock') {
    const isGood = request.headers['dpop'] === `proof at ${time}`
    if (!isGood) response.setHeader('www-authenticate', 'DPoP error="invalid_dpop_proof"')
    return response.writeHead(isGood ? 200 : 401, { date: time }).end()
  }
  const good = request.headers['dpop'] === 'proof with n1'
  if (!good) response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
  response.setHeader('dpop-nonce', 'n1')
  response.writeHead(good ? 200 : 401).end()
})
const time = 'Thu, 01 Jan 2026 00:00:00 GMT'
let url = ''
let auth: Client

/** The nonces that proofs were made with. */
const nonces: (string | undefined)[] = []
const prove = async ({ nonce }: { nonce?: string | undefined }) => {
  nonces.push(nonce)
  return `proof with ${nonce}`
}

const order = () => ({ method: 'POST', body: 'one order' })
const stream = () =>
  ({ method: 'POST', body: new Blob(['one order']).stream(), duplex: 'half' }) as RequestInit

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const view = { generation: 0, session: null }
  const unused = () => Promise.reject(new Error('not used here'))
  auth = exposeHost({} as Client, {
    addOns: new Map(),
    config: buildConfig({
      issuer: 'https://id.example.com',
      clientId: 'app',
      apis: [{ url }],
      dpop: { open: openDPoPKey, send: sendWithProof },
    }),
    session: { getView: () => view, sync: async () => view, apply: () => {} },
    login: unused,
    clear: unused,
    vault: { prove, server: unused, idToken: unused, grant: unused },
    guard: (work) => work(new AbortController().signal),
    getTokenSet: unused,
    withRefreshToken: unused,
  })
})
afterAll(() => void server.close())
beforeEach(() => {
  bodies.length = 0
  nonces.length = 0
})

const senders: Record<string, (init: RequestInit, isReplayable: boolean) => Promise<Response>> = {
  sendWithProof: (init, isReplayable) => sendWithProof(new Request(url, init), 'token', prove, isReplayable),
  fetchWithToken: (init) => fetchWithToken(auth, { token: 'token', tokenType: 'dpop' }, url, init),
}

describe.each(Object.entries(senders))('%s', (_, send) => {
  test('sends a body again when the API requires a nonce', async () => {
    expect((await send(order(), true)).status).toBe(200)
    expect(bodies).toEqual(['one order', 'one order'])
  })

  test('rejects with body_not_replayable when the body was a stream, and remembers the nonce', async () => {
    await expect(send(stream(), false)).rejects.toMatchObject({
      code: 'body_not_replayable',
      retryable: false,
    })
    expect(bodies).toEqual(['one order'])
    expect(nonces).toEqual([undefined, 'n1'])
  })
})

describe('an API with another clock', () => {
  /** Proves with the time of the last answer that refused a proof, as a prover does. */
  const createTimedProof = () => {
    let at = 'own time'
    return async ({ refusedAt }: { refusedAt?: string | undefined }) => {
      if (refusedAt === at) return ''
      at = refusedAt ?? at
      return `proof at ${at}`
    }
  }

  test('gets a body again, with the time that it returned', async () => {
    const request = new Request(`${url}clock`, order())
    expect((await sendWithProof(request, 'token', createTimedProof(), true)).status).toBe(200)
    expect(bodies).toEqual(['one order', 'one order'])
  })

  test('gets no stream again, but gets the next one with the time that it returned', async () => {
    const proveInTime = createTimedProof()
    const send = () => sendWithProof(new Request(`${url}clock`, stream()), 'token', proveInTime, false)
    expect((await send()).status).toBe(401)
    expect(bodies).toEqual(['one order'])
    expect((await send()).status).toBe(200)
    expect(bodies).toEqual(['one order', 'one order'])
  })
})
