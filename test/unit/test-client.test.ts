import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AuthErrorCode } from '../../src/base/errors.js'
import type { Client } from '../../src/api/client.js'
import type { AuthEvent } from '../../src/api/events.js'
import type { State } from '../../src/api/state.js'
import { createClient } from '../../src/index.js'
import { createTestClient, type FailingCall } from '../../src/testing.js'
import { external } from '../../src/external.js'
import { overlay } from '../../src/overlay.js'
import { exchangeToken } from '../../src/exchange.js'
import { getIdToken } from '../../src/id-token.js'
import { getUserInfo } from '../../src/userinfo.js'
import { findEntry } from '../figures/measure-size.js'

const loggedIn = () => {
  const auth = createTestClient()
  auth.test.logIn({ sub: 'alice', name: 'Alice' })
  return auth
}
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'resolved',
    (error: { code?: string; name: string }) => error.code ?? error.name,
  )
const follow = (auth: Client) => {
  const states: State[] = []
  auth.subscribe((state) => states.push(state))
  return states
}

afterEach(() => void vi.useRealTimers())

test('a test client is a client, with one property more', () => {
  const real: Client = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
  const played: Client = createTestClient()
  expect(Object.keys(played).sort()).toEqual([...Object.keys(real), 'test'].sort())
})

test('the built file runs in Node', async () => {
  const built = (await import(findEntry('./testing'))) as typeof import('../../src/testing.js')
  const auth = built.createTestClient()
  auth.test.logIn({ sub: 'alice' })
  expect(await auth.getToken()).toBe('test-token-1')
})

describe('login', () => {
  test('does not take an event for options, like the real client', async () => {
    const auth = createTestClient()
    const login = auth.login as (event: unknown) => Promise<State>
    const done = login({ preventDefault() {}, appState: 'of the event' })
    auth.test.logIn({ sub: 'alice' })
    expect(await done).not.toHaveProperty('appState')
  })

  const transports = [
    external(() => {
      throw new Error('a test client opens nothing')
    }),
  ]
  test.each(['popup', 'overlay', 'external'] as const)(
    'by %s waits for the test, and shows its stages',
    async (mode) => {
      const auth = createTestClient({ status: 'logged-out' }, { overlay: overlay(), transports })
      const states = follow(auth)
      const done = auth.login({ mode, appState: 'cart' })
      expect(auth.getState()).toEqual({ status: 'logged-out', login: 'opening' })
      expect(auth.focusWindow()).toBe(mode === 'popup')
      await vi.waitFor(() => expect(auth.getState()).toEqual({ status: 'logged-out', login: 'waiting' }))
      auth.test.logIn({ sub: 'alice' })
      const user = { iss: 'https://id.example.com', sub: 'alice' }
      expect(await done).toBe(auth.getState())
      expect(auth.getState()).toEqual({ status: 'logged-in', user, appState: 'cart' })
      expect(auth.getUser()).toEqual(user)
      expect(states.map((one) => 'login' in one && one.login)).toEqual([
        ...['opening', 'waiting', 'redeeming', 'redeeming'],
        false,
      ])
      expect(auth.focusWindow()).toBe(false)
    },
  )

  test('by redirect stays pending, and the state is that of the page the user returns to', async () => {
    const auth = createTestClient({ status: 'logged-out', reason: 'logout' }, { mode: 'redirect' })
    const done = auth.login({ appState: 1 })
    auth.test.fail('login', 'access_denied')
    const error = { code: 'access_denied' }
    expect(auth.getState()).toMatchObject({ status: 'logged-out', reason: 'logout', error })
    const again = auth.login({ appState: 2 })
    auth.test.logIn(null)
    expect(auth.getState()).toEqual({ status: 'logged-in', user: null, appState: 2 })
    auth.close()
    expect(await Promise.all([done, again].map(codeOf))).toEqual(['client_closed', 'client_closed'])
  })

  test('is aborted by its signal, and a later logIn is another login', async () => {
    const auth = createTestClient()
    const cancel = new AbortController()
    const done = auth.login({ signal: cancel.signal })
    cancel.abort(new RangeError('enough'))
    await expect(done).rejects.toThrow('enough')
    expect(auth.getState()).toEqual({ status: 'logged-out' })
    expect(auth.focusWindow()).toBe(false)
  })

  test('logs out even if a listener closes the client', async () => {
    const auth = createTestClient({ status: 'logged-in', user: null })
    auth.subscribe(() => auth.close())
    await auth.logout()
    expect(auth.getState()).toEqual({ status: 'logged-out', reason: 'logout' })
    expect(await codeOf(auth.logout())).toBe('client_closed')
  })

  test('rejects what the real client rejects', async () => {
    expect(() => createTestClient(undefined, { clockTolerance: -1 })).toThrow(/"clockTolerance"/)
    const auth = createTestClient()
    await expect(auth.login({ resource: 'orders' })).rejects.toThrow(/^"resource" must be/)
    const scope = ['openid'] as unknown as string
    await expect(auth.login({ scope })).rejects.toThrow(/^"scope" must be/)
    await expect(auth.logout({ returnTo: 'http://[' })).rejects.toThrow(TypeError)
  })
})

describe('fail', () => {
  test.each<FailingCall>(['login', 'getToken', 'fetch', 'prepare'])(
    'lets the next %s fail, and no more than that',
    async (name) => {
      const auth = createTestClient(undefined, { apis: [{ url: 'https://api.example.com' }] })
      auth.test.logIn({ sub: 'alice' })
      auth.test.fail(name, 'temporarily_unavailable', { retryAfter: 5 })
      vi.stubGlobal('fetch', async () => new Response())
      const call = () => (name === 'fetch' ? auth.fetch('https://api.example.com/') : auth[name]())
      await expect(call()).rejects.toMatchObject({
        ...{ name: 'AuthError', code: 'temporarily_unavailable', retryable: true, retryAfter: 5 },
      })
      const again = codeOf(call())
      if (name === 'login') auth.test.logIn()
      expect(await again).toBe('resolved')
      vi.unstubAllGlobals()
    },
  )

  test('ends a pending login', async () => {
    const auth = createTestClient()
    const done = codeOf(auth.login())
    auth.test.fail('login', 'popup_closed')
    expect(await done).toBe('popup_closed')
    expect(auth.getState()).toEqual({ status: 'logged-out' })
  })

  test('accepts only the codes of AuthError', () => {
    const auth = createTestClient()
    auth.test.fail('login', 'access_denied' satisfies AuthErrorCode)
    // @ts-expect-error no such code
    auth.test.fail('login', 'popup_shut')
    // @ts-expect-error a call that settles in any case
    auth.test.fail('logout', 'network_error')
  })
})

describe('tokens', () => {
  test('are kept until they expire, and renewed once for all callers', async () => {
    vi.useFakeTimers()
    const auth = loggedIn()
    expect(await auth.getToken()).toBe('test-token-1')
    vi.advanceTimersByTime(569_000)
    expect(await auth.getToken()).toBe('test-token-1')
    vi.advanceTimersByTime(2_000)
    const renewed = await Promise.all([auth.getToken(), auth.getTokenSet()])
    expect(renewed).toMatchObject(['test-token-2', { accessToken: 'test-token-2', scope: 'openid' }])
    expect(await auth.getToken({ minValidity: 601 })).toBe('test-token-3')
  })

  test('expire on request, and their renewal fails on request', async () => {
    const events: AuthEvent[] = []
    const auth = createTestClient(undefined, { onEvent: (event) => events.push(event) })
    auth.test.logIn({ sub: 'alice' }, { accessToken: 'first' })
    auth.test.expire()
    expect(await auth.getToken()).toBe('test-token-1')
    auth.test.expire('network_error')
    expect(await codeOf(auth.getToken())).toBe('network_error')
    expect(auth.getState()).toMatchObject({ status: 'logged-in' })
    expect(await auth.getToken()).toBe('test-token-2')
    auth.test.expire('session_lost')
    expect(await codeOf(auth.getToken())).toBe('session_lost')
    expect(auth.getState()).toEqual({ status: 'logged-out', reason: 'session_lost' })
    expect(await codeOf(auth.getToken())).toBe('login_required')
    expect(events.map(({ type }) => type)).toEqual([
      ...['renewed', 'renewal_failed', 'renewed', 'renewal_failed'],
    ])
  })

  test('are for the resources and scopes of the login', async () => {
    const resource = ['https://a.example', 'https://b.example']
    const auth = createTestClient(undefined, { resource, scope: 'openid read' })
    auth.test.logIn()
    expect(await auth.getTokenSet({ resource: resource[1]! })).toMatchObject({ resource: resource[1] })
    expect(await auth.getTokenSet({ scope: 'read' })).toMatchObject({ scope: 'read', resource: resource[0] })
    expect(await codeOf(auth.getToken({ scope: 'write' }))).toBe('insufficient_scope')
    expect(await codeOf(auth.getToken({ resource: 'https://c.example' }))).toBe('resource_not_requested')
  })

  test('are sent to the listed APIs, and once more after a 401', async () => {
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' }
      if (request.headers.authorization === 'Bearer test-token-1') response.writeHead(401, challenge)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const auth = createTestClient(undefined, { apis: [{ url: `${api}/v1` }] })
    auth.test.logIn()
    expect((await auth.fetch(`${api}/v1/orders`)).status).toBe(200)
    expect(seen).toEqual(['Bearer test-token-1', 'Bearer test-token-2'])
    expect(await codeOf(auth.fetch(`${api}/v2`))).toBe('origin_not_allowed')
    server.close()
    server.closeAllConnections()
  })
})

describe('the state', () => {
  test('is loading until the test sets the user', async () => {
    const auth = createTestClient({ status: 'loading' })
    const states = follow(auth)
    const [first, token] = [auth.ready(), codeOf(auth.getToken())]
    auth.test.setStage('waiting')
    expect(states).toEqual([])
    auth.test.logOut()
    expect(await first).toBe(auth.getState())
    expect(states).toEqual([{ status: 'logged-out' }])
    expect(await token).toBe('login_required')
  })

  test('of a logged-in user has the issuer, whether given or not', async () => {
    for (const user of [{ sub: 'alice' }, { sub: 'alice', iss: 'https://id.example.com' }]) {
      const auth = createTestClient({ status: 'logged-in', user })
      expect(auth.getUser()).toEqual({ sub: 'alice', iss: 'https://id.example.com' })
      expect(await auth.getToken()).toBe('test-token-1')
    }
    const elsewhere = { sub: 'alice', iss: 'https://other.example.com' }
    expect(createTestClient({ status: 'logged-in', user: elsewhere }).getUser()).toEqual(elsewhere)
  })

  test('stays the same object until something changes', async () => {
    const auth = createTestClient({ status: 'logged-in', user: { sub: 'alice' } })
    const states = follow(auth)
    const initial = auth.getState()
    expect(await auth.getToken()).toBe('test-token-1')
    auth.test.logIn({ sub: 'alice' })
    auth.test.expire()
    await auth.getToken()
    expect(auth.getState()).toBe(initial)
    expect(states).toEqual([])
    auth.test.logOut('session_lost')
    auth.test.logOut('session_lost')
    expect(states).toEqual([{ status: 'logged-out', reason: 'session_lost' }])
  })

  test.each(['reportError', 'queueMicrotask'] as const)(
    'reaches all listeners even if one throws, whose error goes to %s',
    (name) => {
      const reported: unknown[] = []
      // Node has no `reportError`: there it is thrown where nobody can catch it.
      vi.stubGlobal('reportError', undefined)
      vi.stubGlobal(name, (what: unknown) => void reported.push(what))
      const auth = createTestClient()
      const stop = auth.subscribe(() => {
        throw new RangeError('my own mistake')
      })
      const states = follow(auth)
      auth.test.logIn()
      vi.unstubAllGlobals()
      stop()
      expect(states).toHaveLength(1)
      const [what] = reported
      if (typeof what === 'function') expect(() => what() as unknown).toThrow('my own mistake')
      else expect(what).toEqual(new RangeError('my own mistake'))
    },
  )

  test('is logged-out as soon as logout is called', async () => {
    const auth = loggedIn()
    const done = auth.logout()
    expect(auth.getState()).toEqual({ status: 'logged-out', reason: 'logout' })
    await done
    expect(await codeOf(auth.getToken())).toBe('login_required')
  })
})

test('close() rejects pending and later calls, and keeps the state', async () => {
  const auth = createTestClient({ status: 'loading' })
  const states = follow(auth)
  const pending = [auth.ready(), auth.login(), auth.getToken()].map(codeOf)
  auth.close()
  const later = [auth.ready(), auth.login(), auth.getToken(), auth.logout(), auth.prepare()].map(codeOf)
  expect(new Set(await Promise.all([...pending, ...later]))).toEqual(new Set(['client_closed']))
  auth.test.logIn()
  expect(states).toEqual([])
  expect(auth.getState()).toEqual({ status: 'loading' })
})

test('records calls with their arguments', async () => {
  const auth = loggedIn()
  const { signal } = new AbortController()
  await auth.getToken({ scope: 'openid', signal })
  await auth.logout({ local: true })
  expect(auth.test.calls).toEqual([
    { name: 'getToken', args: [{ scope: 'openid', signal }] },
    { name: 'logout', args: [{ local: true }] },
  ])
})

test.each([
  ['exchangeToken', exchangeToken],
  ['getIdToken', getIdToken],
  ['getUserInfo', getUserInfo],
])('%s says that there is no server', async (_name, call) => {
  await expect(call(loggedIn())).rejects.toThrow(/^"auth" is a test client, which has no server/)
})
