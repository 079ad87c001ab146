import { afterEach, beforeEach, vi } from 'vitest'
import { buildConfig } from '../../src/config.js'
import type { SessionView } from '../../src/vault/vault.js'
import { appOrigin, openNodeClient, type NodeClientOptions } from '../rig/node-client.js'
import { openRemoteVault, startNodeWorker, type NodeWorker } from '../rig/node-worker.js'
import { collectRefreshTokens, isAlive } from '../rig/refresh-tokens.js'
import { isRefresh } from '../rig/request-kinds.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { getRejection } from './refusals.js'

const bills = 'https://bills.example.com/'
const { signal: never } = new AbortController()
let ending = new AbortController()

beforeEach(() => {
  ending = new AbortController()
})
afterEach(() => {
  ending.abort()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test.override({
  asOptions: {
    resources: { [bills]: { scope: 'read', audience: 'bills' } },
    tokenExchange: true,
    par: 'offered',
  },
})

const buildOptions = (as: TestAuthorizationServer, dpop = false) =>
  buildConfig({
    issuer: as.issuer,
    clientId: as.clientId,
    redirectUri: `${appOrigin}/callback.html`,
    ...(dpop && { dpop: { open: () => ({}), send() {} } as never }),
  })

/** Opens a client of a page whose vault is in a worker. */
async function openPage(
  as: TestAuthorizationServer,
  worker: NodeWorker,
  { dpop = false, view, ...options }: NodeClientOptions & { view?: () => SessionView } = {},
) {
  const vault = openRemoteVault(worker.connect, buildOptions(as, dpop), ending.signal, view)
  const client = await openNodeClient(as, { ...options, dpop, wrapVault: () => vault })
  // What a worker has of a page: its origin.
  vi.stubGlobal('location', { origin: appOrigin })
  return { client, vault }
}

for (const dpop of [false, true])
  test(`does all that the vault in the page does, ${dpop ? 'with' : 'without'} DPoP, and tells no secret`, async ({
    as,
  }) => {
    const worker = startNodeWorker()
    const refreshTokens = collectRefreshTokens(as)
    const { client, vault } = await openPage(as, worker, { dpop, par: true })
    await vault.warm()
    await vault.updateHints({ silentFrames: 1 })
    expect((await vault.server()).hints).toEqual({ silentFrames: 1 })
    const { session, generation } = await client.logIn()
    expect(session).toMatchObject({ user: { sub: 'alice' }, refreshable: true })
    const { session: renewed } = await client.refresh()
    const { accessToken } = renewed!.tokens['']!
    expect(accessToken).not.toBe(session!.tokens['']!.accessToken)
    expect((await client.renewByFrame()).generation).toBeGreaterThan(generation)
    const exchange = [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      ['subject_token', accessToken],
      ['subject_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
      ['audience', 'bills'],
    ] as [string, string][]
    const unused = async () => expect.unreachable()
    expect(await vault.grant(exchange, unused)).toMatchObject({ token: expect.any(String) as string })
    const parameters = Object.entries({ access_token: accessToken, sub: 'alice' })
    expect(await vault.grant(parameters, unused)).toMatchObject({ sub: 'alice' })
    const request = { method: 'GET', url: `${appOrigin}/api`, accessToken }
    if (dpop) expect(await vault.prove(request)).toMatch(/^ey/)
    expect(await vault.clear('logout', { revoke: true })).toMatchObject({
      view: { session: null, reason: 'logout' },
      stillStored: false,
    })
    await vault.revoke()
    expect(as.count('revocation')).toBe(1)
    expect(await isAlive(as, refreshTokens.at(-1))).toBe(false)

    expect(refreshTokens).toHaveLength(3)
    const { page, worker: sent } = worker.received
    const [heard, said] = [JSON.stringify(page), JSON.stringify(sent)]
    const verifiers = new Set(as.requests.flatMap(({ params }) => params['code_verifier'] ?? []))
    expect(verifiers.size).toBe(2)
    for (const secret of [...refreshTokens, ...verifiers]) expect(heard.includes(secret)).toBe(false)
    for (const refreshToken of refreshTokens) expect(said.includes(refreshToken)).toBe(false)
    // The positive controls.
    expect(heard).toContain(accessToken)
    for (const verifier of verifiers) expect(said).toContain(verifier)
  })

test('two pages share one session, whatever one of them knows', async ({ as }) => {
  const worker = startNodeWorker()
  const { client, vault } = await openPage(as, worker)
  const { vault: other } = await openPage(as, worker)
  const { generation } = await client.logIn()
  expect(await other.load()).toMatchObject({ generation, session: { user: { sub: 'alice' } } })
  const request = { key: '', ifGeneration: generation }
  const both = await Promise.allSettled([vault.token(request), other.token(request)])
  // The mark decides who may send the refresh token.
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(as.count('token', isRefresh)).toBe(1)
})

test('a vault with other options is empty, and a worker of another version refuses', async ({ as }) => {
  const worker = startNodeWorker()
  const { client } = await openPage(as, worker)
  await client.logIn()
  const config = buildOptions(as)
  const changes = [
    { clientId: 'other' },
    { clockTolerance: 31 },
    { discovery: 'oauth2' as const },
    { metadata: { issuer: as.issuer } },
  ]
  for (const change of [{}, ...changes]) {
    const vault = openRemoteVault(worker.connect, { ...config, ...change }, ending.signal)
    // The first is the control.
    const isSame = !Object.keys(change).length
    expect(!!(await vault.load()).session, JSON.stringify(change)).toBe(isSame)
  }
  const connect = () => {
    const port = {
      postMessage: (_: unknown, [ofPage]: MessagePort[]) => ofPage!.postMessage('wrong version'),
    }
    return { port, onerror: null } as unknown as SharedWorker
  }
  const error = await getRejection(as, openRemoteVault(connect, config, ending.signal).load())
  expect(error).toMatchObject({ code: 'vault_unavailable', retryable: true })
  expect(error.message).toContain('another version')
})

test('a page cannot change what a refresh is, or whose', async ({ as }) => {
  const { client, vault } = await openPage(as, startNodeWorker())
  const { generation } = await client.logIn()
  const more = { grant_type: 'password', client_id: 'other', refresh_token: 'stolen', sub: 'mallory' }
  const request = { key: '', ifGeneration: generation, scope: 'openid', ...more }
  expect((await vault.token(request)).session).toMatchObject({ user: { sub: 'alice' } })
  // The control: the scope is what the page requested.
  expect(as.requests.at(-1)!.params).toMatchObject({
    grant_type: 'refresh_token',
    client_id: as.clientId,
    scope: 'openid',
  })
})

test('a 503 leaves the refresh token as it was', async ({ as }) => {
  const { client } = await openPage(as, startNodeWorker())
  await client.logIn()
  as.fault('token', { status: 503, retryAfter: 7, times: 1 })
  expect(await getRejection(as, client.refresh())).toMatchObject({
    code: 'temporarily_unavailable',
    status: 503,
    retryAfter: 7,
    retryable: true,
  })
  expect((await client.refresh()).session).toMatchObject({ refreshable: true, inDoubt: false })
})

test('a worker that crashes rejects its calls at once, and a new one continues without a refresh token', async ({
  as,
}) => {
  const workers = [startNodeWorker(), startNodeWorker()]
  let view: SessionView = { generation: -1, session: null }
  let started = 0
  const connect = () => workers[started++]!.connect()
  const { client, vault } = await openPage(as, { ...workers[0]!, connect }, { view: () => view })
  view = await client.logIn()
  const fault = as.fault('token', { hang: true, when: isRefresh })
  const pending = getRejection(as, vault.token({ key: '', ifGeneration: view.generation }))
  await fault.hit
  workers[0]!.crash()
  expect(await pending).toMatchObject({ code: 'vault_unavailable', retryable: true })
  fault.end()
  const restored = await vault.load()
  expect(restored.session).toMatchObject({
    user: { sub: 'alice' },
    tokens: view.session!.tokens,
    refreshable: false,
  })
  expect(restored.generation).toBeGreaterThan(view.generation)
  view = restored
  expect((await client.renewByFrame()).session).toMatchObject({ user: { sub: 'alice' }, refreshable: true })
  expect(started).toBe(2)
})

test('a session that another page has ended does not come back with a page of the crashed worker', async ({
  as,
}) => {
  const workers = [startNodeWorker(), startNodeWorker()]
  let view: SessionView = { generation: -1, session: null }
  const { client } = await openPage(as, workers[0]!)
  view = await client.logIn()
  const other = openRemoteVault(workers[1]!.connect, buildOptions(as), ending.signal)
  await other.clear('logout', { revoke: true })
  const late = openRemoteVault(workers[1]!.connect, buildOptions(as), ending.signal, () => view)
  expect((await late.load()).session).toBe(null)
})

test('calls of a worker that never answers reject within 5 s, and at once for a second after', async ({
  as,
}) => {
  const config = buildOptions(as)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  let started = 0
  const connect = () => {
    started++
    return startNodeWorker({ serves: false }).connect()
  }
  const vault = openRemoteVault(connect, config, never)
  const end = async (call: Promise<unknown>) => {
    const start = performance.now()
    const error = getRejection(as, call)
    let isOver = false
    void error.then(() => (isOver = true))
    while (!isOver) await vi.advanceTimersByTimeAsync(100)
    expect(await error).toMatchObject({ code: 'vault_unavailable', retryable: true })
    return performance.now() - start
  }
  const first = await end(vault.load())
  expect(first).toBeGreaterThan(3000)
  expect(first).toBeLessThan(5000)
  expect(await end(vault.load())).toBeLessThan(200)
  vi.advanceTimersByTime(1000)
  expect(await end(vault.load())).toBeGreaterThan(3000)
  // A file that loads slowly gets time; what has hung for long gives way to another worker.
  expect(started).toBe(1)
  vi.advanceTimersByTime(1000)
  await end(vault.load())
  vi.advanceTimersByTime(1000)
  await end(vault.load())
  expect(started).toBe(2)
  // A logout does not wait for a worker to tell the page that it is over.
  vi.advanceTimersByTime(1000)
  // Nobody waits for a hint, so its rejection would be an unhandled one.
  const updated = vault.updateHints({ silentFrames: 1 })
  await vi.advanceTimersByTimeAsync(5000)
  expect(await updated).toBe(undefined)
  vi.advanceTimersByTime(1000)
  const cleared = vault.clear('logout', { revoke: true })
  await vi.advanceTimersByTimeAsync(5000)
  expect(await cleared).toMatchObject({ view: { session: null, reason: 'logout' } })
  // Nor does a page that is told of the logout of another.
  const told = vault.load(Date.now())
  await vi.advanceTimersByTimeAsync(5000)
  expect(await told).toMatchObject({ session: null, reason: 'logout' })
})

test('a worker that stops answering is given up while a call is pending, and not otherwise', async ({
  as,
}) => {
  const worker = startNodeWorker()
  const { vault } = await openPage(as, worker)
  await vault.load()
  const { length } = worker.received.worker
  const fault = as.fault('metadata', { hang: true })
  const pending = getRejection(as, vault.server())
  await fault.hit
  worker.hang()
  const start = Date.now()
  expect(await pending).toMatchObject({ code: 'vault_unavailable' })
  expect(Date.now() - start).toBeLessThan(6000)
  expect(worker.received.worker.slice(length)).toContain('ping')
  expect(worker.received.worker.slice(0, length)).not.toContain('ping')
  fault.end()
}, 20_000)
