import { state } from '../../rig/app-page.js'
import type { FaultOptions } from '../../rig/faults.js'
import { expect, test } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { getToken, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

// test/answers/token-faults.test.ts tests which answers refuse a refresh token, and tokens-lost.spec.ts what tabs do about
// `invalid_grant`. This file tests a refusal without an error code.
const nameless: FaultOptions = { status: 403, body: '<h1>Forbidden</h1>' }

test('tries the iframe once when the refresh token is rejected without an error code', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { ...nameless, times: 1, when: isRefresh })
  expect(as.secrets).toContain((await getToken(page)).value)
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 1])
  // The response contained a refresh token, which is not in doubt.
  expect((await renewToken(page)).value).toBeTruthy()
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([2, 1])
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
})

test('ends the session with the first call when the refresh token is rejected without an error code and nobody is logged in at the server', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.forgetEverything()
  // The server considers the token invalid, and says so in its own way.
  as.fault('token', { ...nameless, afterProcessing: true, when: isRefresh })
  expect((await getToken(page)).error).toMatchObject({ code: 'session_lost', retryable: false })
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 1])
  expect(as.countEvents('grant.error', 'refresh_token')).toBe(1)
  const { length } = as.requests
  expect((await getToken(page)).error?.code).toBe('login_required')
  expect(as.requests).toHaveLength(length)
})

test('ends the session with a later call when the iframe was inconclusive in the call whose refresh token was rejected', async ({
  page,
  app,
  as,
}) => {
  await startExpiredSession(page, app, as)
  as.fault('token', { status: 400, times: 1, when: isRefresh })
  const broken = as.fault('token', { status: 500, when: (request) => !isRefresh(request) })
  expect((await getToken(page)).error).toMatchObject({ code: 'server_error', retryable: true })
  expect(broken.hits).toBe(1)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  broken.end()
  as.forgetEverything()
  await page.reload()
  expect((await getToken(page)).error).toMatchObject({ code: 'session_lost' })
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([1, 2])
})

test.describe('for less than the login requested', () => {
  const orders = 'https://orders.example.com/'
  const options = { resource: orders, scope: 'openid read write' }
  test.use({ asOptions: { resources: { [orders]: { scope: 'read write' } } } })

  test('rejects every call in the same way when the server refuses a scope, and keeps the session', async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, options)
    const { value: cached } = await getToken(page)
    // oidc-provider leaves out what it does not know from an authorization request.
    const frame = as.fault('authorize', { error: 'invalid_scope', when: isSilent })
    for (let call = 0; call < 3; call++)
      expect((await getToken(page, { scope: 'delete' })).error).toMatchObject({
        code: 'invalid_scope',
        retryable: false,
      })
    expect((await getToken(page)).value).toBe(cached)
    // The server may have rotated the refresh token before it looked: it is not sent for a scope that the iframe is refused.
    expect([as.count('token', isRefresh), frame.hits]).toEqual([1, 2])
    frame.end()
    expect((await renewToken(page)).value).toBeTruthy()
    expect(as.countEvents('grant.error')).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })

  for (const [name, answer] of Object.entries({
    invalid_grant: { error: 'invalid_grant' },
    'no name': nameless,
  })) {
    test(`ends the session with the first call when a dead refresh token is rejected with ${name}`, async ({
      page,
      app,
      as,
    }) => {
      await startSession(page, app, options)
      as.forgetEverything()
      as.fault('token', { ...answer, afterProcessing: true, when: isRefresh })
      expect((await getToken(page, { scope: 'read' })).error).toMatchObject({ code: 'session_lost' })
      expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
      // What is no `invalid_grant` may mean the scope alone: the token is sent once more, for everything.
      const sent = name === 'invalid_grant' ? 1 : 2
      expect([as.count('token', isRefresh), as.count('authorize', isSilent)]).toEqual([sent, 1])
      expect(as.countEvents('grant.error', 'refresh_token')).toBe(sent)
      expect(as.countEvents('grant.success', 'refresh_token')).toBe(0)
    })
  }

  test('keeps the session when only the narrower request is refused by a 400 without a body', async ({
    page,
    app,
    as,
  }) => {
    await startSession(page, app, options)
    await page.context().clearCookies()
    const fault = as.fault('token', { status: 400, when: ({ params }) => params['scope'] === 'read' })
    for (let call = 0; call < 2; call++) {
      expect((await getToken(page, { scope: 'read' })).error).toMatchObject({ status: 400 })
      expect(await state(page)).toMatchObject({ status: 'logged-in' })
    }
    // For everything it was taken, each time.
    expect([fault.hits, as.countEvents('grant.success', 'refresh_token')]).toEqual([2, 2])
    fault.end()
    expect(as.secrets).toContain((await renewToken(page)).value)
    expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
    expect(as.countEvents('grant.error')).toBe(0)
  })
})
