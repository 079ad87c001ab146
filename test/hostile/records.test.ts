import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Store, StoreRecord } from '../../src/api/store.js'
import { memoryStore } from '../../src/browser/storage/memory-store.js'
import { encrypt } from '../../src/browser/storage/encrypt.js'
import { buildOAuthClient, type Caller } from '../../src/protocol/server-call.js'
import { openServerCache } from '../../src/vault/server-cache.js'
import { decode } from '../../src/vault/session-content.js'
import { openSessionRecord } from '../../src/vault/session-record.js'
import { openSessionWriter } from '../../src/vault/session-writer.js'
import type { StoredSession } from '../../src/vault/stored-session.js'
import { mutationsOf, oddValue, textsLike } from './arbitraries.js'
import { expectAlways, expectFalsified, few } from './property.js'

const name = 'session https://id.example spa'
const session: StoredSession = {
  user: { sub: 'alice', iss: 'https://id.example', aud: 'spa', exp: 1, iat: 1 },
  scope: 'openid',
  resources: ['https://api.example'],
  tokens: { '': { accessToken: 'a', tokenType: 'bearer', expiresAt: 9e12, scope: 'openid' } },
  loggedInAt: 1,
  after: 0,
  refreshToken: 'r',
}
const record = {
  v: 1,
  generation: 5,
  sealed: { text: JSON.stringify(session), loggedOut: 3, inDoubt: false },
}

/** Records whose fields, or whose session, was changed, and others. */
const records = fc.oneof(
  mutationsOf<unknown>(record),
  mutationsOf<unknown>(session).map((changed) => ({ ...record, sealed: { text: JSON.stringify(changed) } })),
  textsLike(record.sealed.text).map((text) => ({ ...record, sealed: { text } })),
  oddValue,
)

/** What the client relies on. */
function expectSession(read: StoredSession): void {
  expect(typeof read.scope).toBe('string')
  for (const resource of read.resources) expect(typeof resource).toBe('string')
  if (read.user) expect(typeof read.user.sub).toBe('string')
  for (const token of Object.values(read.tokens)) {
    expect(typeof token.accessToken).toBe('string')
    expect(typeof token.expiresAt).toBe('number')
  }
  expect(['string', 'undefined']).toContain(typeof read.refreshToken)
  expect(['string', 'undefined']).toContain(typeof read.idToken)
}

/** A store that holds any value at all. */
function openStore(held: unknown): { store: Store; read(): StoreRecord } {
  const store = memoryStore()
  let current = held as StoreRecord | undefined
  return {
    store: {
      ...store,
      get: async () => current,
      update: async (_, change) => void (current = change(current) ?? current),
    },
    read: () => current!,
  }
}

describe('a stored session', () => {
  test('is accepted only with the fields that the client relies on', () =>
    expectAlways(records, async (held) => {
      const read = await decode(name, held as StoreRecord)
      expect(Number.isSafeInteger(read.generation)).toBe(true)
      if (read.session) expectSession(read.session)
      return !!read.session
    }))

  test('would be found to be accepted by a check of the version alone', () =>
    expectFalsified(records, (held) => {
      const { v, sealed } = (held ?? {}) as Partial<typeof record>
      if (v === 1 && typeof sealed?.text === 'string') expectSession(JSON.parse(sealed.text))
    }))

  test('can be replaced, whatever is stored', () =>
    expectAlways(records, async (held) => {
      const { store, read } = openStore(held)
      const opened = openSessionRecord(store, name)
      const before = await opened.read()
      const written = await openSessionWriter(store, opened).commit({ ...session, scope: 'new' }, { noLogoutAfter: 9e15 }) // prettier-ignore
      expect(written!.generation).toBeGreaterThan(before.generation)
      expect(read().generation).toBe(written!.generation)
      expect((await opened.read()).session).toMatchObject({ scope: 'new' })
      return !!before.session
    }))

  test('would be found not to be replaced by a writer that counts from what is stored', () =>
    expectFalsified(records, (held) => {
      const { generation } = Object(held) as { generation: number }
      const next = (generation ?? 0) + 1
      expect(Number.isSafeInteger(next) && next > (generation ?? 0)).toBe(true)
    }))

  const changes = fc.record({
    field: fc.constantFrom('data', 'iv', 'key', 'name', 'none'),
    at: fc.nat(1000),
    mask: fc.integer({ min: 1, max: 255 }),
    length: fc.constantFrom<undefined | number>(undefined, undefined, 0, 1, 11, 16, 4096),
  })

  test('would be found to be accepted when it was changed in a store that does not encrypt', () =>
    expectFalsified(changes, async ({ at, mask }) => {
      const bytes = new TextEncoder().encode(record.sealed.text)
      bytes[at % bytes.length]! ^= mask
      const held = { ...record, sealed: { text: new TextDecoder().decode(bytes) } }
      expect((await decode(name, held)).session).toBe(null)
    }))

  test('is accepted only as it was encrypted, under its own name', async () => {
    const sealed = await encrypt(name, record.sealed.text)
    await expectAlways(changes, async ({ field, at, mask, length }) => {
      const changed: Record<string, unknown> = { ...sealed }
      if (field === 'data' || field === 'iv') {
        const bytes = new Uint8Array(sealed[field]).slice(0, length)
        if (length === undefined || length > bytes.length) bytes[at % bytes.length]! ^= mask
        changed[field] = field === 'data' ? bytes.buffer : bytes
      }
      if (field === 'key') changed['key'] = at % 2 ? null : { type: 'secret', algorithm: { name: 'AES-GCM' } }
      const held = { v: 1, generation: 5, sealed: changed }
      const read = await decode(field === 'name' ? `${name}${at}` : name, held)
      expect(!!read.session).toBe(field === 'none')
      return !!read.session
    })
  })
})

describe('the cached metadata and keys of a server', () => {
  const issuer = 'https://id.example'
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/a`,
    token_endpoint: `${issuer}/t`,
    jwks_uri: `${issuer}/j`,
  }
  const caller: Caller = {
    client: buildOAuthClient('spa', 30),
    clockTolerance: 30,
    origin: 'https://app.example',
    fetch: async (url) =>
      Response.json(url.endsWith('/j') ? { keys: [] } : { ...metadata, from: 'the server' }),
    timeout: 60_000,
    signal: new AbortController().signal,
    secrets: [],
    dpop: undefined,
  }
  const at = Date.now()
  const cached = {
    metadata,
    metadataAt: at,
    keys: { keys: [{ kty: 'EC', kid: 'stored' }] },
    keysAt: at,
    hints: {},
  }
  const held = fc.oneof(mutationsOf<unknown>({ v: 1, generation: 0, sealed: cached }), oddValue)

  test('are used only if the server could have sent them', () =>
    expectAlways(
      held,
      async (stored) => {
        const cache = openServerCache(openStore(stored).store, 'server', { ...caller, signal: new AbortController().signal }, { issuer, discovery: 'oidc', metadata: undefined }) // prettier-ignore
        const found = await cache.metadata()
        expect(new URL(found.issuer).href).toBe(`${issuer}/`)
        for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
          if (found[name] !== undefined || name !== 'jwks_uri')
            expect(new URL(found[name]!).protocol).toBe('https:')
        if (found.jwks_uri === metadata.jwks_uri)
          expect(Array.isArray((await cache.getKeys(false)).keys)).toBe(true)
        const hints = await cache.hints()
        expect(Object.getPrototypeOf(hints)).toBe(null)
        for (const hint of Object.values(hints)) expect(typeof hint).toBe('number')
        return found['from'] === undefined
      },
      few,
    ))

  test('would be found to be used by a check of their age alone', () =>
    expectFalsified(held, (stored) => {
      const { metadataAt, metadata: found } = Object(
        (stored as { sealed?: unknown } | null)?.sealed,
      ) as Partial<typeof cached>
      if (metadataAt === at) expect(new URL(found!.authorization_endpoint).protocol).toBe('https:')
    }))
})
