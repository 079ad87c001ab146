import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exchangeGrantType, requestExchange } from '../../src/add-ons/exchange/token-exchange.js'
import { requestUserInfo } from '../../src/add-ons/userinfo/userinfo-request.js'
import { openWorkerLink } from '../../src/add-ons/worker/worker-link.js'
import { createGrantServer, type GrantServer } from '../../src/protocol/grant-server.js'
import { fetchKeys } from '../../src/protocol/jwks.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import { mutationsOf, oddValue, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified, expectSilent, expectTyped, few } from './property.js'

const issuer = 'https://id.example'
const sent = 'c3ViamVjdC10b2tlbi1hYmNkZWZnaGlqa2xtbm9wcXJzdHU'
const received = 'ZXhjaGFuZ2VkLXRva2VuLTEyMzQ1Njc4OTBhYmNkZWZnaGk'
const metadata = { issuer, token_endpoint: `${issuer}/token`, userinfo_endpoint: `${issuer}/userinfo` }
const noKeys = () => Promise.reject(new Error('no keys are needed'))

/** A client of a server that gives the same answer to every request. */
function buildCaller(body: string, status: number, type = 'application/json'): Caller {
  return {
    client: buildOAuthClient('spa', 30),
    clockTolerance: 30,
    origin: 'https://app.example',
    fetch: async () => new Response(body, { status, headers: { 'content-type': type } }),
    timeout: 60_000,
    signal: new AbortController().signal,
    secrets: [],
    dpop: undefined,
  }
}
const openServer = (body: string, status: number, type?: string): GrantServer => createGrantServer(buildCaller(body, status, type), metadata, noKeys) // prettier-ignore
const bodiesLike = (sample: object) =>
  fc.oneof(
    mutationsOf(sample).map((value) => JSON.stringify(value) ?? ''),
    textsLike(JSON.stringify(sample)),
  )
const statuses = fc.constantFrom(200, 200, 200, 201, 400, 401, 403, 500)

describe('the answer of the userinfo endpoint', () => {
  const answers = fc.record({
    body: bodiesLike({ sub: 'alice', name: 'Alice', address: { country: 'NZ' }, updated_at: 5 }),
    status: statuses,
    type: fc.constantFrom('application/json', 'application/json', 'application/jwt', 'text/html'),
  })

  test('is accepted only about the user of the session, and no error repeats the token', () =>
    expectAlways(
      answers,
      async ({ body, status, type }) => {
        try {
          const claims = await requestUserInfo(openServer(body, status, type), [['access_token', sent], ['sub', 'alice']]) // prettier-ignore
          expect(claims.sub).toBe('alice')
          return true
        } catch (error) {
          expectTyped(error, [sent])
          return false
        }
      },
      few,
    ))

  test('would be found to be accepted by a check that converts "sub" to text', () =>
    expectFalsified(answers, ({ body }) => {
      let sub: unknown
      try {
        sub = JSON.parse(body)?.sub
      } catch {
        return
      }
      if (Array.isArray(sub) && sub.join() === 'alice') expect(sub).toBe('alice')
    }))
})

describe('the answer to a token exchange', () => {
  const answers = fc.record({
    body: bodiesLike({
      access_token: received,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'orders',
    }),
    status: statuses,
  })
  const form: [string, string][] = [['grant_type', exchangeGrantType], ['subject_token', sent], ['subject_token_type', 'x']] // prettier-ignore

  test('is accepted only with a token that says what it is, and no error repeats the token that was sent', () =>
    expectAlways(
      answers,
      async ({ body, status }) => {
        try {
          const result = await requestExchange(openServer(body, status), form, async () => null)
          expect(status).toBe(200)
          expect([typeof result.token, typeof result.issuedTokenType]).toEqual(['string', 'string'])
          expect(result.issuedTokenType).not.toMatch(/^$|refresh_token$/)
          expect(Number.isFinite(result.expiresAt)).toBe(true)
          return true
        } catch (error) {
          expectTyped(error, [sent])
          return false
        }
      },
      few,
    ))

  test('would be found to be accepted by a check of the token alone', () =>
    expectFalsified(answers, ({ body }) => {
      let answer: Record<string, unknown> = {}
      try {
        answer = JSON.parse(body) ?? {}
      } catch {
        return
      }
      if (answer['access_token'] === received) expect(typeof answer['issued_token_type']).toBe('string')
    }))
})

describe('the keys of a server', () => {
  const key = { kty: 'EC', crv: 'P-256', kid: '1', x: 'x', y: 'y' }
  const answers = fc.record({ body: bodiesLike({ keys: [key] }), status: statuses })

  test('are accepted only as a list', () =>
    expectAlways(
      answers,
      async ({ body, status }) => {
        try {
          const found = await fetchKeys(buildCaller(body, status), `${issuer}/jwks`)
          expect(Array.isArray(found.keys) && status === 200).toBe(true)
          return true
        } catch (error) {
          expectTyped(error, [])
          return false
        }
      },
      few,
    ))

  test('would be found to be accepted by a check that there are some', () =>
    expectFalsified(answers, ({ body }) => {
      let keys: unknown
      try {
        keys = JSON.parse(body)?.keys
      } catch {
        return
      }
      if (keys) expect(Array.isArray(keys)).toBe(true)
    }))
})

describe('a message of a worker to its page', () => {
  const messages = fc.oneof(
    mutationsOf<unknown>({ id: 7, value: { generation: 1 } }),
    // The message of a failure is always text: `encodeFailure` makes it.
    mutationsOf<unknown>({ status: 503 }).map((details) => ({
      id: 7,
      failure: { message: 'no', code: 'busy', details },
    })),
    oddValue,
  )

  test('settles only the call that it names, and is never an uncaught error', async () => {
    let workerPort: MessagePort | undefined
    const worker = {
      onerror: null,
      terminate() {},
      postMessage: (_: unknown, [port]: MessagePort[]) => void (workerPort = port),
    }
    const ended = new AbortController()
    const faults: unknown[] = []
    const collect = (error: unknown) => void faults.push(error)
    process.on('uncaughtException', collect)
    const link = openWorkerLink(worker as never, {} as never, ended.signal, () => {})
    link.ready.catch(() => {})
    try {
      await expectAlways(
        messages,
        async (message) => {
          const settled: string[] = []
          const add = (id: number) => link.pending.set(id, { resolve: () => settled.push(`${id}`), reject: () => settled.push(`${id}`) }) // prettier-ignore
          add(7)
          add(8)
          const marker = new Promise<void>((resolve) => link.pending.set(9, { resolve: () => resolve(), reject: () => resolve() })) // prettier-ignore
          workerPort!.postMessage(message)
          workerPort!.postMessage({ id: 9, value: 0 })
          const isMarker = Object(message) === message && (message as { id?: unknown }).id === 9
          if (!isMarker) await marker
          expect(faults).toEqual([])
          const named = Object(message) === message ? (message as { id?: unknown }).id : undefined
          expect(settled).toEqual(named === 7 ? ['7'] : named === 8 ? ['8'] : [])
          return settled.length > 0
        },
        few,
      )
    } finally {
      process.off('uncaughtException', collect)
      ended.abort()
      workerPort?.close()
    }
  })

  test('would be found to settle another call by a page that settles the oldest', () =>
    expectFalsified(messages, (message) => {
      expectSilent([JSON.stringify(message)], [])
      expect(Object(message).id).toBe(7)
    }))
})
