import { AuthError } from '../../src/base/errors.js'
import { isUnprocessed } from '../../src/protocol/to-auth-error.js'
import { chooseStep, type RenewalStep } from '../../src/session/renewal-step.js'
import type { FaultOptions } from '../rig/faults.js'
import { openNodeClient } from '../rig/node-client.js'
import { isRefresh, isSilent } from '../rig/request-kinds.js'
import { expect, test, type NodeClient } from './fixtures.js'
import { expectLogin, getRejection } from './refusals.js'

interface Case {
  title: string
  fault: FaultOptions
  error: Partial<AuthError>
}

/** The server itself said that it did not process the request. */
const unprocessed: Case[] = [
  { title: 'a 429 with JSON', fault: { status: 429, body: { error: 'slow_down' } }, error: { status: 429 } },
  {
    title: 'a 503 with JSON',
    fault: { status: 503, body: { error: 'temporarily_unavailable' } },
    error: { code: 'temporarily_unavailable', status: 503 },
  },
]

/** Any gateway can send these, whatever the server has done; `Retry-After` makes them an answer of the server. */
const bare: Case[] = [
  { title: 'a bare 429', fault: { status: 429, body: 'slow down' }, error: { status: 429 } },
  {
    title: 'a bare 503',
    fault: { status: 503, body: 'busy' },
    error: { code: 'temporarily_unavailable', status: 503 },
  },
]

/** The server may have processed the request. */
const unknown: Case[] = [
  ...bare,
  {
    title: 'a 500',
    fault: { status: 500, body: 'broken' },
    error: { code: 'server_error', status: 500 },
  },
  {
    title: 'a 500 with JSON',
    fault: { status: 500, body: { error: 'server_error' } },
    error: { code: 'server_error', status: 500 },
  },
  { title: 'a 502', fault: { status: 502, body: 'bad gateway' }, error: { status: 502 } },
  {
    title: 'HTML with status 200',
    fault: { body: '<h1>Welcome</h1>' },
    error: { code: 'invalid_token_response', status: 200 },
  },
  {
    title: 'an error that is not a string',
    fault: { status: 500, body: { error: ['invalid_grant'] } },
    error: { code: 'server_error', status: 500 },
  },
  { title: 'a cut connection', fault: { cut: true }, error: { code: 'network_error' } },
  { title: 'a connection that is cut during the body', fault: { cut: 'body' }, error: {} },
  // Cut once it is let go, so that the server never gets to see it.
  { title: 'a timeout', fault: { hang: true, cut: true }, error: { code: 'timeout' } },
]

test.override({ clientOptions: { timeouts: { request: 2000 } } })

/** What a renewal does next, depending on the session in the vault, after the refresh token and a frame got these answers. */
async function chooseNextStep(
  { vault }: NodeClient,
  refresh: AuthError,
  stillValid: boolean,
  frame?: AuthError,
): Promise<RenewalStep> {
  const session = (await vault.load()).session!
  return chooseStep({ ...session, framePossible: true, refresh, stillValid, ...(frame && { frame }) })
}

for (const { title, fault, error: expected, inDoubt, next } of [
  ...unprocessed.map((row) => ({ ...row, inDoubt: false, next: 'failed' })),
  ...unknown.map((row) => ({ ...row, inDoubt: true, next: 'frame' })),
])
  test(`keeps the session when a refresh fails with ${title}, and recovers with the same refresh token`, async ({
    as,
    client,
  }) => {
    await expectLogin(client)
    const before = await client.readSession()
    const broken = as.fault('token', { ...fault, when: isRefresh })
    const error = await getRejection(as, client.refresh())
    expect(error).toMatchObject({ name: 'AuthError', retryable: true, ...expected })
    expect(broken.hits).toBe(1)
    expect(await client.readSession()).toEqual({ ...before, inDoubt })
    // Only a request that the server did not process is sent again at once.
    expect(isUnprocessed(error)).toBe(!inDoubt)
    expect(await chooseNextStep(client, error, false)).toBe(next)
    // A token that is still valid is enough.
    expect(await chooseNextStep(client, error, true)).toBe('failed')

    broken.end()
    await client.refresh()
    expect(await client.getToken()).not.toBe(before?.tokens['']?.accessToken)
    const sent = as.requests.filter(isRefresh).map(({ params }) => params['refresh_token'])
    expect(sent).toEqual([before?.refreshToken, before?.refreshToken])
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(as.countEvents('grant.error', 'refresh_token')).toBe(0)
  })

for (const { title, fault } of unknown)
  test(`continues with another grant if the server has rotated the refresh token but the refresh failed with ${title}`, async ({
    as,
    client,
  }) => {
    await expectLogin(client)
    const broken = as.fault('token', { ...fault, afterProcessing: true, times: 1, when: isRefresh })
    const error = await getRejection(as, client.refresh())
    expect(broken.hits).toBe(1)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
    expect(await chooseNextStep(client, error, false)).toBe('frame')
    await client.renewByFrame()
    expect(await client.readSession()).toMatchObject({ user: { sub: 'alice' }, inDoubt: false })
    expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 1])
    // Its refresh token is another one, which nobody has sent.
    await client.refresh()
    expect(as.countEvents('grant.error')).toBe(0)
    broken.end()
  })

/** Servers that refuse a dead refresh token by another name than `invalid_grant`, or by none. */
const refusals = [
  { title: '400 invalid_grant', fault: { error: 'invalid_grant' }, code: 'invalid_grant' },
  { title: '400 invalid_request', fault: { error: 'invalid_request' }, code: 'invalid_request' },
  {
    title: '401 invalid_client',
    fault: { status: 401, body: { error: 'invalid_client' } },
    code: 'invalid_client',
  },
  { title: 'an empty 400', fault: { status: 400, body: '' }, code: 'invalid_token_response' },
  {
    title: 'a 400 with an error that is not a string',
    fault: { status: 400, body: { error: ['invalid_grant'] } },
    code: 'invalid_token_response',
  },
  { title: 'a 401 in HTML', fault: { status: 401, body: '<h1>No</h1>' }, code: 'invalid_token_response' },
  { title: 'a 403 in HTML', fault: { status: 403, body: '<h1>No</h1>' }, code: 'invalid_token_response' },
]

/** What servers send besides `error` that does not follow RFC 6749 section 5.2. */
const oddities = {
  'a description that is a list': { error_description: ['no', 'more'] },
  'a description that is an object': { error_description: { en: 'no more' } },
  'a description that is a number': { error_description: 7 },
  'claims of its own': { claim: 'exp', claims: { iat: 0 }, now: 1e10, tolerance: 0 },
}
const oddRefusals = Object.entries(oddities).map(([name, oddity]) => ({
  title: `400 invalid_grant with ${name}`,
  fault: { status: 400, body: { error: 'invalid_grant', ...oddity } },
  code: 'invalid_grant',
}))

for (const { title, fault, code } of [...refusals, ...oddRefusals])
  test(`deletes the refresh token and continues with another grant when a refresh fails with ${title}`, async ({
    as,
    client,
  }) => {
    await expectLogin(client)
    const token = await client.getToken()
    const refusal = as.fault('token', { ...fault, when: isRefresh })
    const error = await getRejection(as, client.refresh())
    expect(error).toMatchObject({ code, retryable: false })
    expect(error.message).toContain('the token endpoint')
    expect(refusal.hits).toBe(1)
    expect(await client.readSession()).not.toHaveProperty('refreshToken')
    expect(await chooseNextStep(client, error, false)).toBe('frame')
    // The session ends when nobody is logged in at the server.
    const frame = new AuthError('login_required', 'for a test')
    expect(await chooseNextStep(client, error, false, frame)).toBe('lost')
    // The access token stays, and so does the session until the frame has answered.
    expect(await client.getToken()).toBe(token)
    refusal.end()
    await client.renewByFrame()
    await client.refresh()
    expect(as.count('token', isRefresh)).toBe(2)
    expect(as.countEvents('grant.error')).toBe(0)
  })

for (const { title, fault } of [...unprocessed, ...bare])
  for (const retryAfter of [2, 3600])
    test(`reports how long to wait when a refresh fails with ${title} and Retry-After ${retryAfter}`, async ({
      as,
      client,
    }) => {
      await expectLogin(client)
      const broken = as.fault('token', { ...fault, retryAfter, when: isRefresh })
      const error = await getRejection(as, client.refresh())
      expect(error).toMatchObject({ retryable: true, retryAfter })
      expect(isUnprocessed(error)).toBe(true)
      broken.end()
      await client.refresh()
    })

test('reads a Retry-After that is a date', async ({ as }) => {
  const client = await openNodeClient(as)
  await expectLogin(client)
  const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000)
  as.fault('token', { status: 503, body: 'busy', retryAfter: date.toUTCString(), when: isRefresh })
  const { retryAfter = 0 } = await getRejection(as, client.refresh())
  const until = Date.now() + retryAfter * 1000
  expect(Math.abs(until - date.getTime())).toBeLessThan(1000)
})
