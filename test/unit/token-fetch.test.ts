import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Client } from '../../src/index.js'
import { exposeHost } from '../../src/session/add-on.js'
import { buildConfig } from '../../src/config.js'
import { openDPoPKey } from '../../src/add-ons/dpop/key.js'
import { sendWithProof } from '../../src/add-ons/dpop/dpop-fetch.js'
import { fetchWithToken } from '../../src/add-ons/dpop/fetch-with-token.js'

// A real server that wants one nonce: browsers send streams over HTTP/2 only, and Node has the same `fetch`.
const bodies: string[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  bodies.push(body)
  const good = request.headers['dpop'] === 'proof with n1'
  if (!good) response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
  response.setHeader('dpop-nonce', 'n1')
  response.writeHead(good ? 200 : 401).end()
})
let auth: Client
let url = ''
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
    session: { getView: () => view, sync: async () => view },
    vault: { prove: async ({ nonce }) => `proof with ${nonce}`, server: unused, grant: unused },
    guard: (work) => work(new AbortController().signal),
    getTokenSet: unused,
    withRefreshToken: unused,
  })
})
afterAll(() => void server.close())
beforeEach(() => void bodies.splice(0))

const token = { token: 'token', tokenType: 'dpop' }

test('sends a body again when the API requires a nonce', async () => {
  expect((await fetchWithToken(auth, token, url, { method: 'POST', body: 'one order' })).status).toBe(200)
  expect(bodies).toEqual(['one order', 'one order'])
})

test('rejects with body_not_replayable when the body was a stream', async () => {
  const body = new Blob(['one order']).stream()
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit
  await expect(fetchWithToken(auth, token, url, init)).rejects.toMatchObject({
    code: 'body_not_replayable',
    retryable: false,
  })
  expect(bodies).toEqual(['one order'])
})
