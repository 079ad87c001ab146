import type { Page } from '@playwright/test'
import { click, outcome, state, type PageClientOptions } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { isRefresh, isSilent } from '../../rig/request-kinds.js'
import { signInByRequest } from '../../rig/server-session.js'
import { getToken, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

// Without an ID token nobody can tell whose grant a new one is.
const resource = 'https://orders.example.com'
const plain: PageClientOptions = { scope: 'orders:read', resource }
const openId: PageClientOptions = { scope: 'openid orders:read', resource }

/** Has somebody else log in at the server, in this browser. */
async function changeServerUser(page: Page, as: TestAuthorizationServer, app: AppServer): Promise<void> {
  await page.context().clearCookies()
  await signInByRequest(page, as, app, 'bob')
  as.requests.length = 0
  as.events.length = 0
}

test.describe('without refresh tokens', () => {
  test.use({ asOptions: { refreshTokens: false, resources: { [resource]: { scope: 'orders:read' } } } })

  test('never renews a plain OAuth session by hidden iframe, whoever is logged in at the server', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, plain)
    await changeServerUser(page, as, app)
    for (const tries of [1, 2]) {
      expect((await getToken(page)).error).toMatchObject({ code: 'login_required', retryable: false })
      expect([tries, as.count('authorize'), as.count('token')]).toEqual([tries, 0, 0])
    }
    expect(as.countEvents('grant.success')).toBe(0)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: null })
  })

  test('renews a session with an ID token by hidden iframe, for the same user only', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, openId)
    expect(as.secrets).toContain((await getToken(page)).value)
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(2)
    await changeServerUser(page, as, app)
    const { error } = await renewToken(page)
    expect(['user_changed', 'login_required']).toContain(error?.code)
    expect(as.count('authorize', isSilent)).toBe(1)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  })
})

test.describe('with refresh tokens', () => {
  test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read orders:more' } } } })

  test('ends a plain OAuth session whose refresh token is rejected, without a hidden iframe', async ({
    page,
    app,
    as,
  }) => {
    await startExpiredSession(page, app, as, plain)
    // The control: a refresh token goes on with the grant of its own user.
    expect(as.secrets).toContain((await renewToken(page)).value)
    await changeServerUser(page, as, app)
    as.fault('token', { error: 'invalid_grant', when: isRefresh })
    expect((await renewToken(page)).error).toMatchObject({ code: 'session_lost' })
    expect([as.count('authorize'), as.count('token')]).toEqual([0, 1])
    expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  })

  for (const [name, options, expected] of [
    ['plain OAuth', plain, { error: { code: 'user_changed', retryable: false } }],
    ['OpenID Connect', openId, { value: 201 }],
  ] as const) {
    const title =
      name === 'plain OAuth'
        ? 'opens no step-up in a plain OAuth session, and sends the request to the API once'
        : 'sends the request again after a step-up of the same user with an ID token'
    test(title, async ({ page, app, as, startApp }) => {
      const api = await startApp({ host: '127.0.0.1' })
      const orders = () => api.requests.filter(({ method }) => method === 'POST')
      const challenge = 'Bearer error="insufficient_scope", scope="orders:more"'
      api.route('/orders', () =>
        orders().length > 1 ? { status: 201 } : { status: 403, headers: { 'www-authenticate': challenge } },
      )
      await startSession(page, app, { ...options, apis: [{ url: api.origin }], stepUp: 'popup' })
      if (name === 'plain OAuth') await changeServerUser(page, as, app)
      const { length } = as.requests
      await click(
        page,
        async (url) => (await window.auth.fetch(url, { method: 'POST', body: 'one order' })).status,
        `${api.origin}/orders`,
      )
      expect(await outcome(page)).toMatchObject(expected)
      if (name !== 'plain OAuth') return expect(orders()).toHaveLength(2)
      expect(orders()).toHaveLength(1)
      expect(as.requests).toHaveLength(length)
      expect(page.context().pages()).toHaveLength(1)
    })
  }
})
