import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loginPrefix } from '../../src/base/state-name.js'
import { sessionStore } from '../../src/browser/storage/session-store.js'
import { findArrival, type Arrival } from '../../src/login/redirect-arrival.js'
import { readArrival } from '../../src/login/redirect.js'
import { parseCallbackUrl, validateAuthorizationResponse } from '../../src/protocol/authorization-response.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import { redeemCode } from '../../src/protocol/token-request.js'
import type { Transaction } from '../../src/protocol/transaction.js'
import type { Config } from '../../src/session/config.js'
import { decode } from '../../src/vault/session-content.js'
import { mutationsOf, oddValue, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified, expectTyped, few } from './property.js'

const issuer = 'https://id.example'
const redirectUri = 'https://app.example/callback.html'
const state = 'r.Zm9yZ2VkLXN0YXRlLW9mLWEtbG9naW4tMTIzNDU2Nzg5'
const codeVerifier = 'dmVyaWZpZXItb2YtYS1sb2dpbi1xcnN0dXZ3eHl6MDEy'
const code = 'Y29kZS1vZi1hLWxvZ2luLTM0NTY3ODkwYWJjZGVmZ2hp'
const config = { issuer, clientId: 'spa' } as Config

const stored: Transaction & { reply: string } = {
  state,
  codeVerifier,
  issuer,
  clientId: 'spa',
  redirectUri,
  scope: 'orders',
  resources: ['https://api.example'],
  params: { audience: 'orders' },
  acrValues: 'high',
  maxAge: 60,
  since: 5,
  returnTo: 'https://app.example/page',
  expiresAt: 8e15,
  reply: `${redirectUri}#code=${code}&state=${state}&iss=${issuer}`,
}
/** As it comes out of `sessionStorage`. */
const arrivals = mutationsOf<unknown>(stored).map(
  (value) => JSON.parse(JSON.stringify(value) ?? 'null') as Arrival,
)

function expectTransaction(value: Partial<Transaction>): void {
  for (const name of ['state', 'codeVerifier', 'redirectUri', 'scope'] as const)
    expect(typeof value[name]).toBe('string')
  for (const name of ['nonce', 'acrValues', 'sub'] as const)
    expect(['string', 'undefined']).toContain(typeof value[name])
  for (const resource of value.resources!) expect(typeof resource).toBe('string')
}

afterEach(() => void vi.unstubAllGlobals())

/** A `sessionStorage` with these items. */
function stubStorage(items: Record<string, string>): Map<string, string> {
  const store = new Map(Object.entries(items))
  vi.stubGlobal(
    'sessionStorage',
    new Proxy(
      {
        getItem: (key: string) => store.get(key) ?? null,
        setItem: (key: string, value: string) => void store.set(key, value),
        removeItem: (key: string) => void store.delete(key),
      },
      {
        ownKeys: () => [...store.keys()],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      },
    ),
  )
  return store
}

describe('a redirect login that has returned', () => {
  test('is taken from storage only by the client that started it, and a damaged one causes no error', () =>
    expectAlways(
      fc.oneof(
        arrivals.map((value) => JSON.stringify(value)),
        textsLike(JSON.stringify(stored)),
      ),
      (text) => {
        const left = stubStorage({ [loginPrefix + state]: text })
        const found = findArrival(config, true)
        if (found?.state) expect([found.issuer, found.clientId]).toEqual([issuer, 'spa'])
        if (found) expect(left.size).toBe(0)
        return !!found?.state
      },
    ))

  test('is redeemed only with the fields that a redemption relies on, and fails with the typed error', () =>
    expectAlways(
      arrivals,
      async (arrival) => {
        try {
          const { reply, transaction } = readArrival(Object(arrival) as Arrival)
          expectTransaction(transaction)
          const client = buildOAuthClient('spa', 30)
          const as = { issuer, token_endpoint: `${issuer}/token`, authorization_endpoint: `${issuer}/auth` }
          const caller: Caller = {
            client,
            clockTolerance: 30,
            origin: 'https://app.example',
            fetch: async () => Response.json({ access_token: 'a', token_type: 'Bearer', expires_in: 60 }),
            timeout: 60_000,
            signal: new AbortController().signal,
            secrets: [],
            dpop: undefined,
          }
          const params = parseCallbackUrl((reply as { href: string }).href, transaction.redirectUri)
          const received = validateAuthorizationResponse(as, client, params, transaction)
          const unsupported = { ...transaction, acrValues: undefined, maxAge: undefined }
          await redeemCode(caller, as, unsupported, received, { sub: transaction.sub }, () =>
            Promise.reject(new Error('none')),
          )
          await redeemCode(caller, as, transaction, received, { sub: transaction.sub }, () =>
            Promise.reject(new Error('none')),
          ).catch((error: unknown) => expectTyped(error, [codeVerifier, code]))
          return true
        } catch (error) {
          // The state and the redirect URI are shown where they are what was damaged.
          expectTyped(error, [codeVerifier])
          return false
        }
      },
      few,
    ))

  test('would be found to be redeemed without them by a check of its reply, state and end alone', () =>
    expectFalsified(arrivals, (arrival) => {
      const { reply, state: named, expiresAt = 0 } = Object(arrival) as Arrival
      if (reply && named && expiresAt > Date.now()) expectTransaction(arrival)
    }))
})

describe('a record of sessionStore', () => {
  const record = {
    v: 1,
    generation: 5,
    sealed: {
      text: JSON.stringify({
        user: null,
        scope: 'orders',
        resources: [],
        tokens: { '': { accessToken: 'a', tokenType: 'bearer', expiresAt: 9e12, scope: 'orders' } },
        loggedInAt: 1,
        after: 0,
      }),
    },
  }
  const texts = fc.oneof(
    mutationsOf<unknown>(record).map((value) => JSON.stringify(value) ?? 'undefined'),
    textsLike(JSON.stringify(record)),
    oddValue.map((value) => JSON.stringify(value) ?? ''),
  )
  const key = 'session https://id.example spa'

  test('is read without an error, whatever text is stored, and can be replaced', () =>
    expectAlways(texts, async (text) => {
      stubStorage({ [`latchkey store ${key}`]: text })
      vi.stubGlobal('window', { [Symbol.for('latchkey.tab')]: Promise.resolve('tab') })
      const store = sessionStore()
      const { session } = await decode(key, await store.get(key))
      await store.update(key, () => record)
      expect((await decode(key, await store.get(key))).session).not.toBe(null)
      return !!session
    }))

  test('would be found to be an error by a store that parses it as it is', () =>
    expectFalsified(texts, (text) => void JSON.parse(text)))
})
