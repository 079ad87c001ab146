import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { serveVaults } from '../../src/add-ons/worker/serve-vaults.js'
import { listenForReply, type Reply } from '../../src/browser/messages/response-listener.js'
import { createSession } from '../../src/session/session.js'
import { mutationsOf, oddValue } from './arbitraries.js'
import { expectAlways, expectFalsified, expectSilent, few } from './property.js'

const state = 'p.Zm9yZ2VkLXN0YXRlLW9mLWEtbG9naW4tMTIzNDU2Nzg5'
const server = 'https://id.example'
const app = 'https://app.example'

describe('a message to the page of a login', () => {
  const ours = {}
  const sources: Record<string, object | null> = { ours, other: {}, none: null }
  const response = { type: 'authorization_response', response: { code: 'c', state, iss: server } }
  const messages = fc.record({
    origin: fc.constantFrom(
      server,
      server,
      app,
      app,
      'null',
      'https://id.example.evil.example',
      'http://id.example',
      '',
    ),
    source: fc.constantFrom('ours', 'ours', 'ours', 'other', 'none'),
    data: fc.oneof(
      mutationsOf<unknown>(response),
      mutationsOf<unknown>({ latchkey: `${app}/callback.html?code=c&state=${state}` }),
      mutationsOf<unknown>({ latchkey: `${app}/callback.html?error=access_denied` }),
      oddValue,
    ),
    serverOrigin: fc.constantFrom(server, server, undefined),
  })

  let listener: ((event: { origin: string; source: unknown; data: unknown }) => void) | undefined
  beforeAll(() => {
    vi.stubGlobal('addEventListener', (_: string, listen: typeof listener) => (listener = listen))
    vi.stubGlobal('location', { origin: app })
    vi.stubGlobal('BroadcastChannel', class { postMessage() {} close() {} }) // prettier-ignore
  })
  afterAll(() => void vi.unstubAllGlobals())

  test('is taken only from the window of the login, with its state, and from the server or this origin', () =>
    expectAlways(messages, ({ origin, source, data, serverOrigin }) => {
      const taken: Reply[] = []
      const from = { state, serverOrigin, isSource: (other: unknown) => other === ours }
      listenForReply(from, new AbortController().signal, (reply) => taken.push(reply))
      listener!({ origin, source: sources[source], data: structuredClone(data) })
      for (const reply of taken) {
        expect(source).toBe('ours')
        if ('href' in reply) {
          expect(origin).toBe(app)
          expect(reply.href.includes(state) || !/[?#&]state=[^&#]/.test(reply.href)).toBe(true)
        } else {
          expect(origin).toBe(serverOrigin)
          expect(reply.params['state']).toBe(state)
          for (const value of Object.values(reply.params)) expect(typeof value).toBe('string')
        }
      }
      return taken.length > 0
    }))

  test('would be found to be taken by a check of the state alone', () =>
    expectFalsified(messages, ({ source, data }) => {
      if ((data as typeof response | null)?.response?.state === state) expect(source).toBe('ours')
    }))
})

describe('a message between tabs', () => {
  const messages = fc.oneof(
    oddValue,
    fc.constantFrom<unknown>('changed', NaN, Infinity, -Infinity, 9e15, 5n, new Date(5), '1796000000000'),
    fc.integer({ min: 1, max: 2e12 }),
  )

  // The pause between two readings takes no time here.
  beforeAll(() => void vi.stubGlobal('setTimeout', (end: () => void) => queueMicrotask(end)))
  afterAll(() => void vi.unstubAllGlobals())

  test('ends a session only at a time that a later login can follow, and is never an error', () =>
    expectAlways(messages, async (message) => {
      const ended = new AbortController()
      const logouts: unknown[] = []
      const session = createSession({
        signal: new AbortController().signal,
        ended: ended.signal,
        initialState: { status: 'logged-out' },
        announce() {},
        async load(loggedOut) {
          ended.abort()
          if (loggedOut !== undefined) logouts.push(loggedOut)
          return { generation: 1, session: null }
        },
      })
      await session.hear(structuredClone(message) as never)
      for (const at of logouts)
        expect(Number.isSafeInteger(at) && (at as number) + 1 > (at as number)).toBe(true)
      expect(session.getState().status).toBe('logged-out')
      return logouts.length > 0
    }))

  test('would be found to end all later sessions without the check', () =>
    expectFalsified(messages, (message) => {
      if (typeof message === 'number' && message > 0) expect(message + 1).toBeGreaterThan(message)
    }))
})

describe('the port of a worker', () => {
  const refreshToken = 'c2VjcmV0LXJlZnJlc2gtdG9rZW4tYWJjZGVmZ2hpamtsbQ'
  const metadata = {
    issuer: server,
    authorization_endpoint: `${server}/authorize`,
    token_endpoint: `${server}/token`,
    revocation_endpoint: `${server}/revoke`,
    pushed_authorization_request_endpoint: `${server}/par`,
    userinfo_endpoint: `${server}/userinfo`,
  }
  const options = { issuer: server, clientId: 'spa', discovery: 'oidc', metadata, clockTolerance: 30, timeout: 5000, dpop: false } // prettier-ignore
  const transaction = {
    state,
    codeVerifier: 'v',
    issuer: server,
    clientId: 'spa',
    redirectUri: `${app}/callback.html`,
    scope: 'orders',
    resources: [],
    expiresAt: 9e15,
  }
  const redemption = { reply: { params: { code: 'c', state } }, transaction, key: '' }
  const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

  /** Answers as a server that repeats what it was sent in its error. */
  const answer = async (url: unknown, { body }: { body?: unknown } = {}) => {
    const sent = String(body ?? '')
    if (
      String(url) === metadata.token_endpoint &&
      /grant_type=(authorization_code|refresh_token)&/.test(sent)
    )
      return Response.json({
        access_token: 'a',
        token_type: 'Bearer',
        expires_in: 60,
        refresh_token: refreshToken,
      })
    return Response.json({ error: 'invalid_request', error_description: `not with ${sent}` }, { status: 400 })
  }

  let receive: (event: unknown) => void
  let answered: ((message: unknown) => void) | undefined
  const port = {
    onmessage: undefined as ((event: { data: unknown }) => void) | undefined,
    postMessage: (message: unknown) => answered?.(structuredClone(message)),
  }
  /** Sends a message, and waits for what the worker sends. */
  const ask = (message: unknown) =>
    new Promise<unknown>((resolve) => {
      answered = resolve
      port.onmessage!({ data: structuredClone(message) })
    })

  beforeAll(async () => {
    vi.stubGlobal('location', { origin: app })
    vi.stubGlobal('fetch', answer)
    serveVaults({
      addEventListener: (type, listen) => void (type === 'message' && (receive = listen as never)),
    })
    const opening = { latchkey: 1, options, lastLogout: 0, view: undefined }
    await new Promise((resolve) => {
      answered = resolve
      receive({ data: opening, ports: [port] })
    })
  })
  afterAll(() => void vi.unstubAllGlobals())

  const call = (method: string, ...parameters: unknown[]) =>
    mutationsOf<unknown>({ id: 7, method, parameters })
  const calls = fc.oneof(
    call('load', 5),
    call('token', { key: '', ifGeneration: 0, scope: 'orders' }),
    call('redeem', redemption),
    call('grant', [
      ['grant_type', exchange],
      ['subject_token', ''],
      ['subject_token_type', 'x'],
    ]),
    call('grant', [
      ['access_token', 'a'],
      ['sub', 'alice'],
    ]),
    call('server', 'first'),
    call('push', `${server}/authorize?client_id=spa&state=${state}`),
    call('updateHints', { silentFrames: 1 }),
    call('clear', 'session_lost', { revoke: true, ifGeneration: 0 }),
    call('revoke'),
  )

  test('answers every call, and never with the refresh token', async () => {
    await expectAlways(
      calls,
      async (message) => {
        const page = await ask({ id: 1, method: 'redeem', parameters: [redemption] })
        expect(page).toMatchObject({ id: 1, value: { session: { refreshable: true } } })
        const result = (await ask(message)) as { value?: unknown }
        expectSilent([JSON.stringify([page, result])], [refreshToken])
        return 'value' in result
      },
      few,
    )
  })

  test('would be found to leak by a vault that returns what it stores', () =>
    expectFalsified(calls, () => expectSilent([JSON.stringify({ value: { refreshToken } })], [refreshToken])))

  test('is opened only by a complete message', () =>
    expectAlways(
      mutationsOf<unknown>({ latchkey: 1, options, lastLogout: 0, view: undefined }),
      async (data) => {
        const sent: unknown[] = []
        const other = { postMessage: (message: unknown) => void sent.push(message) }
        receive({ data: structuredClone(data), ports: [other] })
        const isOurs = !!(data as { latchkey?: unknown } | null)?.latchkey
        for (let turns = 0; turns < 100 && isOurs && !sent.length; turns++) await new Promise(setImmediate)
        expect(sent).toHaveLength(isOurs ? 1 : 0)
        return sent[0] === 'ready'
      },
      few,
    ))
})
