import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendWithProof } from '../../src/add-ons/dpop/dpop-fetch.js'

// A real server that wants one nonce. In a browser: `dpop-nonces.spec.ts`.
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
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())
beforeEach(() => void bodies.splice(0))

const prove = async ({ nonce }: { nonce?: string | undefined }) => `proof with ${nonce}`

test('sends a body again when the API requires a nonce', async () => {
  const request = new Request(url, { method: 'POST', body: 'one order' })
  expect((await sendWithProof(request, 'token', prove, true)).status).toBe(200)
  expect(bodies).toEqual(['one order', 'one order'])
})

test('rejects with body_not_replayable when the body was a stream, and remembers the nonce', async () => {
  const body = new Blob(['one order']).stream()
  const request = new Request(url, { method: 'POST', body, duplex: 'half' } as RequestInit)
  const told: unknown[] = []
  const remember: typeof prove = (given) => (told.push(given.nonce), prove(given))
  await expect(sendWithProof(request, 'token', remember, false)).rejects.toMatchObject({
    code: 'body_not_replayable',
    retryable: false,
  })
  expect(bodies).toEqual(['one order'])
  expect(told).toEqual([undefined, 'n1'])
})
