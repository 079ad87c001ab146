import type { Page } from '@playwright/test'
import type { LoginOptions } from '../../../src/api/login-options.js'
import {
  clickLogin,
  createAuth,
  openApp,
  outcome,
  state,
  type PageClientOptions,
  type PlainState,
} from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import type { TamperIdToken } from '../../rig/id-token-tampering.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { signInByRequest } from '../../rig/server-session.js'
import { getToken, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

// What is wrong with an answer is told apart in test/answers, in Node. Here: that it is looked at, however it travels. One
// parameter of the response stands for all of them, and one claim of the ID token.
const withOtherIssuer = (params: URLSearchParams) => {
  params.set('iss', 'https://evil.example')
  return params
}
const wrongIssuer = { code: 'invalid_response', cause: { claim: 'iss' } }

const withOtherNonce: TamperIdToken = (claims) => ({ claims: { ...claims, nonce: 'n'.repeat(43) } })
const wrongNonce = { code: 'invalid_id_token', cause: { claim: 'nonce' } }

const ways: [name: string, options: PageClientOptions, login: LoginOptions][] = [
  ['popup and web message', { responseMode: 'web_message' }, {}],
  ['popup and callback page, by fragment', { responseMode: 'fragment' }, {}],
  ['popup and callback page, by query', { responseMode: 'query' }, {}],
  ['overlay', { overlay: {} }, { mode: 'overlay' }],
  ['hidden frame and web message', { responseMode: 'web_message' }, { mode: 'silent' }],
  ['hidden frame and callback page', { responseMode: 'fragment' }, { mode: 'silent' }],
]

for (const [name, options, login] of ways)
  test(`refuses a login by ${name} with another issuer, or the nonce of another login`, async ({
    page,
    as,
    app,
  }) => {
    await signInByRequest(page, as, app)
    await openApp(page)
    await createAuth(page, options)
    const expectRefusal = async (error: object, tokenRequests: number) => {
      await clickLogin(page, login)
      expect((await outcome(page)).error).toMatchObject({ name: 'AuthError', ...error })
      expect(await state(page)).toEqual({ status: 'logged-out' })
      expect(await tokenOrCode(page)).toBe('login_required')
      expect(as.count('token')).toBe(tokenRequests)
    }
    const stopIssuer = as.tamperAuthorizationResponse(withOtherIssuer)
    await expectRefusal(wrongIssuer, 0)
    stopIssuer()
    const stopNonce = as.tamperIdToken(withOtherNonce)
    await expectRefusal(wrongNonce, 1)
    stopNonce()

    await clickLogin(page, login)
    expect((await outcome<PlainState>(page)).value).toMatchObject({
      status: 'logged-in',
      user: { sub: 'alice' },
    })
    expect(as.count('token')).toBe(2)
  })

/** The state of a page that may be on its way to the server and back. */
const stateOnTheWay = (page: Page) =>
  page
    .evaluate(() => window.describe(window.auth?.getState()) as PlainState | undefined)
    .catch(() => undefined)

for (const redirectUri of ['/callback.html', '/'])
  test(`refuses a login by redirect to ${redirectUri} with another issuer, or the nonce of another login`, async ({
    page,
    as,
    app,
  }) => {
    await signInByRequest(page, as, app)
    app.authAtLoad = { redirectUri, mode: 'redirect' }
    await openApp(page)
    const stopIssuer = as.tamperAuthorizationResponse(withOtherIssuer)
    await clickLogin(page)
    await expect.poll(() => stateOnTheWay(page)).toMatchObject({ status: 'logged-out', error: wrongIssuer })
    expect(as.count('token')).toBe(0)
    stopIssuer()
    const stopNonce = as.tamperIdToken(withOtherNonce)
    await clickLogin(page)
    await expect.poll(() => stateOnTheWay(page)).toMatchObject({ status: 'logged-out', error: wrongNonce })
    expect(await tokenOrCode(page)).toBe('login_required')
    expect(as.count('token')).toBe(1)
    stopNonce()

    await clickLogin(page)
    await expect
      .poll(() => stateOnTheWay(page))
      .toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(as.count('token')).toBe(2)
  })

test('refuses a refresh with the nonce of another login, and keeps nothing that came with it', async ({
  page,
  as,
  app,
}) => {
  await startSession(page, app)
  // The positive control: the same refresh untampered.
  const { value: before } = await renewToken(page)
  expect(as.secrets).toContain(before)
  const stop = as.tamperIdToken(withOtherNonce)
  expect((await renewToken(page)).error).toMatchObject({ name: 'AuthError', ...wrongNonce })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(2)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(page)).value).toBe(before)
  await page.reload()
  expect((await getToken(page)).value).toBe(before)

  // Not the refresh token that came with it either: the server is asked for another grant.
  stop()
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 2])
  expect(as.secrets).toContain((await renewToken(page)).value)
  expect([as.count('authorize', isSilent), as.count('token', isRefresh)]).toEqual([1, 3])
  expect(as.countEvents('grant.error')).toBe(0)
})

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false } })

  for (const responseMode of ['web_message', 'fragment'] as const)
    test(`refuses a renewal in a hidden frame by ${responseMode} with another issuer, or the nonce of another login`, async ({
      page,
      as,
      app,
    }) => {
      await startExpiredSession(page, app, as, { responseMode })
      const stopIssuer = as.tamperAuthorizationResponse(withOtherIssuer)
      expect((await renewToken(page)).error).toMatchObject({ name: 'AuthError', ...wrongIssuer })
      expect(as.count('token')).toBe(1)
      stopIssuer()
      const stopNonce = as.tamperIdToken(withOtherNonce)
      expect((await renewToken(page)).error).toMatchObject({ name: 'AuthError', ...wrongNonce })
      expect(as.count('token')).toBe(2)
      expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      stopNonce()
      expect(as.secrets).toContain((await renewToken(page)).value)
    })
})
