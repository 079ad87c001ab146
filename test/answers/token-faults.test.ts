import type { AuthError } from '../../src/base/errors.js'
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

/** The server said that it did not process the request. */
const unprocessed: Case[] = [
  { title: 'a 429', fault: { status: 429, body: { error: 'slow_down' } }, error: { status: 429 } },
  { title: 'a 429 without JSON', fault: { status: 429, body: 'slow down' }, error: { status: 429 } },
  {
    title: 'a 503',
    fault: { status: 503, body: 'busy' },
    error: { code: 'temporarily_unavailable', status: 503 },
  },
]

/** The server may have processed the request. */
const unknown: Case[] = [
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
    title: 'an error that is not text',
    fault: { status: 400, body: { error: ['invalid_grant'] } },
    error: { code: 'invalid_token_response', status: 400 },
  },
  { title: 'a cut connection', fault: { cut: true }, error: { code: 'network_error' } },
  { title: 'a connection that is cut in the body', fault: { cut: 'body' }, error: {} },
  // Cut once it is let go, so that the server never gets to see it.
  { title: 'no answer in time', fault: { hang: true, cut: true }, error: { code: 'timeout' } },
]

test.override({ clientOptions: { timeouts: { request: 2000 } } })

/** What a renewal does next, by what the vault gives of the session, after the refresh token was answered so. */
async function chooseNextStep(
  { vault }: NodeClient,
  refresh: AuthError,
  stillValid: boolean,
): Promise<RenewalStep> {
  const { refreshable, inDoubt = false } = (await vault.load()).session!
  return chooseStep({ refreshable, inDoubt, framePossible: true, refresh, stillValid })
}

for (const { title, fault, error: expected, inDoubt, next } of [
  ...unprocessed.map((row) => ({ ...row, inDoubt: false, next: 'failed' })),
  ...unknown.map((row) => ({ ...row, inDoubt: true, next: 'frame' })),
])
  test(`keeps the session when a refresh is answered by ${title}, and recovers with the same refresh token`, async ({
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
  test(`goes on with another grant when the server has rotated the refresh token, and answered by ${title}`, async ({
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

test('keeps the session and its token when a refresh is answered by 400 invalid_request', async ({
  as,
  client,
}) => {
  await expectLogin(client)
  const token = await client.getToken()
  const fault = as.fault('token', { error: 'invalid_request', when: isRefresh })
  const error = await getRejection(as, client.refresh())
  expect(error).toMatchObject({ code: 'invalid_request', status: 400, retryable: false })
  expect(fault.hits).toBe(1)
  expect(await chooseNextStep(client, error, true)).toBe('failed')
  expect(await chooseNextStep(client, error, false)).toBe('failed')
  expect(await client.getToken()).toBe(token)
  fault.end()
  await client.refresh()
  expect(await client.getToken()).not.toBe(token)
  expect(as.countEvents('grant.error')).toBe(0)
})

for (const { title, fault } of unprocessed)
  for (const retryAfter of [2, 3600])
    test(`says how long to wait when a refresh is answered by ${title} and Retry-After ${retryAfter}`, async ({
      as,
      client,
    }) => {
      await expectLogin(client)
      const broken = as.fault('token', { ...fault, retryAfter, when: isRefresh })
      expect(await getRejection(as, client.refresh())).toMatchObject({ retryable: true, retryAfter })
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
