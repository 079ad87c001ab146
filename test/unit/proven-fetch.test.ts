import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sendWithProof } from '../../src/add-ons/dpop/dpop-fetch.js'

// A real server that wants one nonce, or another time. In a browser: `dpop-nonces.spec.ts`, `dpop-clock.spec.ts`.
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
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())
beforeEach(() => void bodies.splice(0))

const time = 'Thu, 01 Jan 2026 00:00:00 GMT'

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

describe('an API whose clock is another', () => {
  /** Proves by the time of the last answer that refused a proof, as a prover does. */
  const createTimedProof = () => {
    let at = 'own time'
    return async ({ refusedAt }: { refusedAt?: string | undefined }) => {
      if (refusedAt === at) return ''
      at = refusedAt ?? at
      return `proof at ${at}`
    }
  }

  test('gets a body again with the time that it told', async () => {
    const request = new Request(`${url}clock`, { method: 'POST', body: 'one order' })
    expect((await sendWithProof(request, 'token', createTimedProof(), true)).status).toBe(200)
    expect(bodies).toEqual(['one order', 'one order'])
  })

  test('gets no stream again, but the next one with the time that it told', async () => {
    const proveInTime = createTimedProof()
    const send = () => {
      const body = new Blob(['one order']).stream()
      const request = new Request(`${url}clock`, { method: 'POST', body, duplex: 'half' } as RequestInit)
      return sendWithProof(request, 'token', proveInTime, false)
    }
    expect((await send()).status).toBe(401)
    expect(bodies).toEqual(['one order'])
    expect((await send()).status).toBe(200)
    expect(bodies).toEqual(['one order', 'one order'])
  })
})
