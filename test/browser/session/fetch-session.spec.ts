import type { Page } from '@playwright/test'
import { secondFactor } from '../../../demo/authorization-server/second-factor.js'
import { click, events, outcome, state, type PageClientOptions } from '../../rig/app-page.js'
import { expect, test, type AppServer } from '../../rig/fixtures.js'
import { isRefresh } from '../../rig/request-kinds.js'
import { passTime } from '../../rig/shifted-clock.js'
import { logInByPopup } from '../../rig/sign-in.js'
import { getToken, openTab, renewToken, startExpiredSession, startSession } from '../../rig/token-calls.js'

declare global {
  interface Window {
    cancel: AbortController
  }
}

/** Longer than a login in another tab takes on a busy machine: what is held meanwhile must not run out of time. */
const timeouts = { request: 30_000, iframe: 30_000 }

const expired = 'Bearer error="invalid_token"'
const tooWeak = `Bearer error="insufficient_user_authentication", acr_values="${secondFactor}"`

test.describe.configure({ timeout: 60_000 })

/** The orders that an API was sent, by their tokens. */
const ordersAt = (api: AppServer) =>
  api.requests.filter(({ method }) => method === 'POST').map(({ headers }) => headers.authorization!.slice(7))

/** Starts an API that refuses the first order in these words, once it may, and takes the others. */
function refuseFirst(api: AppServer, challenge: string) {
  let arrive = () => {}
  let refuse = () => {}
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const refused = new Promise<void>((resolve) => (refuse = resolve))
  api.route('/orders', async ({ body }) => {
    if (ordersAt(api).length > 1) return { status: 201, body }
    arrive()
    await refused
    return { status: 401, headers: { 'www-authenticate': challenge } }
  })
  return { arrived, refuse: () => refuse() }
}

/** Clicks a button that sends an order; `outcome` has the status. `window.cancel` gives it up. */
const sendOrder = (page: Page, api: AppServer) =>
  click(
    page,
    async (url) => {
      window.cancel = new AbortController()
      const { signal } = window.cancel
      return (await window.auth.fetch(url, { method: 'POST', body: 'one order', signal })).status
    },
    `${api.origin}/orders`,
  )

/** Logs out in a tab and somebody in, and waits until another tab shows that. */
async function changeUser(tab: Page, other: Page, user: string): Promise<void> {
  await tab.evaluate(() => window.auth.logout({ local: true }))
  await expect.poll(() => state(other)).toMatchObject({ status: 'logged-out' })
  await logInByPopup(tab, { user, prompt: 'login' })
  await expect.poll(() => state(other)).toMatchObject({ status: 'logged-in' })
}

const options = (api: AppServer): PageClientOptions => ({
  timeouts,
  apis: [{ url: api.origin }],
  stepUp: 'popup',
})

for (const [refusal, challenge] of Object.entries({ invalid_token: expired, 'a step-up': tooWeak })) {
  test(`sends nothing as another user who logs in before the API requires ${refusal}`, async ({
    page,
    app,
    as,
    startApp,
  }) => {
    const api = await startApp({ host: '127.0.0.1' })
    await startSession(page, app, options(api))
    const { arrived, refuse } = refuseFirst(api, challenge)
    const other = await openTab(page)
    await sendOrder(page, api)
    await arrived
    await changeUser(other, page, 'bob')
    const { length } = as.requests
    refuse()
    expect((await outcome(page)).error).toMatchObject({ code: 'user_changed', retryable: false })
    expect(ordersAt(api)).toHaveLength(1)
    expect(as.requests).toHaveLength(length)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'bob' } })
    // The next one is his own.
    await sendOrder(page, api)
    expect(await outcome(page)).toMatchObject({ value: 201 })
    expect(ordersAt(api)[1]).toBe((await getToken(page)).value)
  })
}

test('retries when the same user has logged in again', async ({ page, app, as, startApp }) => {
  void as
  const api = await startApp({ host: '127.0.0.1' })
  await startSession(page, app, options(api))
  const { arrived, refuse } = refuseFirst(api, expired)
  const other = await openTab(page)
  await sendOrder(page, api)
  await arrived
  await changeUser(other, page, 'alice')
  refuse()
  expect(await outcome(page)).toMatchObject({ value: 201 })
  expect(ordersAt(api)[1]).toBe((await getToken(other)).value)
})

for (const [user, expected] of Object.entries({
  bob: { error: { code: 'user_changed' } },
  alice: { value: 201 },
})) {
  test(`renews the token of alice's request, and finds a session of ${user}'s`, async ({
    page,
    app,
    as,
    startApp,
  }) => {
    const api = await startApp({ host: '127.0.0.1' })
    api.route('/orders', () => ({ status: 201 }))
    await startExpiredSession(page, app, as, options(api))
    const other = await openTab(page)
    const renewal = as.fault('token', { error: 'invalid_grant', hang: true, times: 1, when: isRefresh })
    await sendOrder(page, api)
    await renewal.hit
    await changeUser(other, page, user)
    renewal.release()
    expect(await outcome(page)).toMatchObject(expected)
    expect(ordersAt(api)).toHaveLength(user === 'alice' ? 1 : 0)
  })
}

test.describe('without an ID token, when the user is unknown', () => {
  const plain = (api: AppServer) => ({ ...options(api), scope: 'orders:read', resource })
  const resource = 'https://orders.example.com'
  test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read' } } } })

  test('sends nothing with the token of a later login', async ({ page, app, as, startApp }) => {
    void as
    const api = await startApp({ host: '127.0.0.1' })
    await startSession(page, app, plain(api))
    const { arrived, refuse } = refuseFirst(api, expired)
    const other = await openTab(page)
    await sendOrder(page, api)
    await arrived
    await changeUser(other, page, 'bob')
    refuse()
    expect((await outcome(page)).error).toMatchObject({ code: 'user_changed' })
    expect(ordersAt(api)).toHaveLength(1)
  })

  test('retries with a new token when the API requires one', async ({ page, app, as, startApp }) => {
    const api = await startApp({ host: '127.0.0.1' })
    await startSession(page, app, plain(api))
    await passTime(page, 11)
    refuseFirst(api, expired).refuse()
    await sendOrder(page, api)
    expect(await outcome(page)).toMatchObject({ value: 201 })
    expect(new Set(ordersAt(api)).size).toBe(2)
    expect(as.count('authorize')).toBe(1)
  })
})

for (const moment of ['before it is sent', 'before it is sent once more'] as const) {
  test(`stops waiting for a token ${moment} when its signal is aborted, and the renewal continues`, async ({
    page,
    app,
    as,
    startApp,
  }) => {
    const api = await startApp({ host: '127.0.0.1' })
    const first = moment === 'before it is sent'
    if (first) await startExpiredSession(page, app, as, options(api))
    else await startSession(page, app, options(api))
    await passTime(page, 11)
    if (first) api.route('/orders', () => ({ status: 201 }))
    else refuseFirst(api, expired).refuse()
    const renewal = as.fault('token', { hang: true, times: 1, when: isRefresh })
    await sendOrder(page, api)
    await renewal.hit
    const shared = renewToken(page)
    await page.evaluate(() => window.cancel.abort(new RangeError('enough')))
    expect((await outcome(page)).error).toMatchObject({ name: 'RangeError', message: 'enough' })
    expect(ordersAt(api)).toHaveLength(first ? 0 : 1)
    renewal.release()
    const { value } = await shared
    expect(as.secrets).toContain(value)
    // It has not run out of time meanwhile.
    expect(await events(page)).toEqual([{ type: 'renewed', via: 'refresh' }])
    // Whoever does not give up gets through.
    await sendOrder(page, api)
    expect(await outcome(page)).toMatchObject({ value: 201 })
    expect(ordersAt(api).at(-1)).toBe(value)
  })
}

test('does not start a renewal for a request whose signal is already aborted', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const api = await startApp({ host: '127.0.0.1' })
  api.route('/orders', () => ({ body: 'fine' }))
  await startExpiredSession(page, app, as, options(api))
  const call = (aborted: boolean) =>
    page.evaluate(
      async ([url, abort]) => {
        const signal = abort ? AbortSignal.abort() : undefined
        return window.auth.fetch(url, { signal: signal ?? null }).then(
          ({ status }) => status,
          ({ name }: Error) => name,
        )
      },
      [`${api.origin}/orders`, aborted] as const,
    )
  expect(await call(true)).toBe('AbortError')
  expect(as.count('token', isRefresh)).toBe(0)
  expect(await call(false)).toBe(200)
  expect(as.count('token', isRefresh)).toBe(1)
})
