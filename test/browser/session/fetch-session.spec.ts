import type { Page } from '@playwright/test'
import { secondFactor } from '../../../demo/authorization-server/second-factor.js'
import { authorizationsAt, received } from '../../rig/api-calls.js'
import { click, events, outcome, state, type PageClientOptions } from '../../rig/app-page.js'
import { expect, test, type AppServer, type TestAuthorizationServer } from '../../rig/fixtures.js'
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

/** The tokens of the orders that an API received. */
const tokensAt = (api: AppServer) => authorizationsAt(api).map((header) => header!.slice(7))

/** Starts an API that refuses the first order with this challenge, once it may, and accepts the others. */
function refuseFirst(api: AppServer, challenge: string) {
  let arrive = () => {}
  let refuse = () => {}
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const refused = new Promise<void>((resolve) => (refuse = resolve))
  api.route('/orders', async ({ body }) => {
    if (received(api).length > 1) return { status: 201, body }
    arrive()
    await refused
    return { status: 401, headers: { 'www-authenticate': challenge } }
  })
  return { arrived, refuse: () => refuse() }
}

/** Refuses the next refresh, once it may. */
function holdRenewal(as: TestAuthorizationServer) {
  const renewal = as.fault('token', { error: 'invalid_grant', hang: true, times: 1, when: isRefresh })
  return { arrived: renewal.hit, refuse: renewal.release }
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

const resource = 'https://orders.example.com'
test.use({ asOptions: { resources: { [resource]: { scope: 'orders:read' } } } })

const options = (api: AppServer): PageClientOptions => ({
  timeouts,
  apis: [{ url: api.origin }],
  stepUp: 'popup',
})
/** Without an ID token, so that the user is unknown. */
const plain: PageClientOptions = { scope: 'orders:read', resource }

interface Change {
  title: string
  /** Who logs in, in another tab, before the API refuses alice's order, or before the renewal of its token fails. */
  user: 'alice' | 'bob'
  /** What the API refuses the order with; without it, the order waits for its token. */
  challenge?: string
  more?: PageClientOptions
}

const before = 'sends nothing as another user who logs in before the API requires'
const renews = "renews the token of alice's request, and finds a session of"
const changes: Change[] = [
  { title: `${before} invalid_token`, user: 'bob', challenge: expired },
  { title: `${before} invalid_token, without an ID token`, user: 'bob', challenge: expired, more: plain },
  { title: `${before} a step-up`, user: 'bob', challenge: tooWeak },
  { title: 'retries when the same user has logged in again', user: 'alice', challenge: expired },
  { title: `${renews} bob's`, user: 'bob' },
  { title: `${renews} alice's`, user: 'alice' },
]

for (const { title, user, challenge, more } of changes)
  test(title, async ({ page, app, as, startApp }) => {
    const api = await startApp({ host: '127.0.0.1' })
    api.route('/orders', () => ({ status: 201 }))
    const { arrived, refuse } = challenge ? refuseFirst(api, challenge) : holdRenewal(as)
    if (challenge) await startSession(page, app, { ...options(api), ...more })
    else await startExpiredSession(page, app, as, options(api))
    const other = await openTab(page)
    await sendOrder(page, api)
    await arrived
    await changeUser(other, page, user)
    const { length } = as.requests
    refuse()
    const isSame = user === 'alice'
    const { value, error } = await outcome(page)
    if (isSame) expect(value).toBe(201)
    else expect(error).toMatchObject({ code: 'user_changed', retryable: false })
    expect(received(api)).toHaveLength((challenge ? 1 : 0) + (isSame ? 1 : 0))
    // An order whose user is gone causes no request.
    if (challenge && !isSame) expect(as.requests).toHaveLength(length)
    // The next one is sent with the token of whoever is logged in now.
    if (!more) expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: user } })
    await sendOrder(page, api)
    expect(await outcome(page)).toMatchObject({ value: 201 })
    expect(tokensAt(api).at(-1)).toBe((await getToken(other)).value)
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
    expect(tokensAt(api)).toHaveLength(first ? 0 : 1)
    renewal.release()
    const { value } = await shared
    expect(as.secrets).toContain(value)
    // It has not run out of time meanwhile.
    expect(await events(page)).toEqual([{ type: 'renewed', via: 'refresh' }])
    // Whoever does not give up gets through.
    await sendOrder(page, api)
    expect(await outcome(page)).toMatchObject({ value: 201 })
    expect(tokensAt(api).at(-1)).toBe(value)
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
