import type { Page } from '@playwright/test'
import { secondFactor } from '../../../demo/authorization-server/second-factor.js'
import type { OrdersService } from '../../../demo/services/orders-service.js'
import { click, clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, orders, test } from '../../rig/orders-api.js'
import { logInByPopup, popupOf, press, signIn } from '../../rig/sign-in.js'
import { openTab, startSession } from '../../rig/token-calls.js'

declare global {
  interface Window {
    /** One for each call that can be given up. */
    aborts?: AbortController[]
    /** How many of the calls have had their first answer. */
    answered?: number
    plainFetch?: typeof fetch
  }
}

const optionsFor = (api: OrdersService, stepUp?: 'popup' | 'redirect') => ({
  scope: `openid ${orders.scope}`,
  resource: orders.resource,
  apis: [{ url: api.url }],
  ...(stepUp && { stepUp }),
})

/** Clicks a button that calls the API; `outcome` has the status. */
const clickCall = (page: Page, url: string) =>
  click(page, (target) => window.auth.fetch(target).then(({ status }) => status), url)

/** Enters the second factor in the window. */
async function confirm(popup: Page): Promise<void> {
  await popup.getByLabel('Code').fill('123456')
  await press(popup, 'Confirm')
}

const getToken = (page: Page) => page.evaluate(() => window.auth.getToken())

test("hands back the API's refusal untouched without stepUp, with a parser for it", async ({
  page,
  app,
  as,
  api,
}) => {
  await startSession(page, app, optionsFor(api))
  const { length } = as.requests
  const seen = await page.evaluate(async (url) => {
    const response = await window.auth.fetch(url)
    const challenges = await window.latchkey.parseChallenges(response)
    return { status: response.status, body: (await response.json()) as unknown, challenges }
  }, `${api.url}/orders/refunds`)
  expect(seen).toMatchObject({
    status: 401,
    body: { error: 'insufficient_user_authentication' },
    challenges: [
      {
        scheme: 'bearer',
        parameters: {
          error: 'insufficient_user_authentication',
          acr_values: secondFactor,
          max_age: '300',
        },
      },
    ],
  })
  const missing = await page.evaluate(async (url) => {
    const response = await window.auth.fetch(url)
    return { status: response.status, challenges: await window.latchkey.parseChallenges(response) }
  }, `${api.url}/orders/history`)
  expect(missing).toMatchObject({
    status: 403,
    challenges: [{ parameters: { error: 'insufficient_scope', scope: orders.more } }],
  })
  expect(as.requests.slice(length).filter(({ endpoint }) => endpoint === 'authorize')).toEqual([])
})

test('gives no challenges for an answer that has none', async ({ page }) => {
  await openApp(page)
  expect(await page.evaluate(() => window.latchkey.parseChallenges(new Response('fine')))).toEqual([])
})

test('asks for the second factor in a popup, and sends the request once more', async ({
  page,
  app,
  as,
  api,
}) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const popup = await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`))
  await confirm(popup)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  const request = as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!
  expect(request.params).toMatchObject({ acr_values: secondFactor, max_age: '300' })
  expect(await state(page)).toMatchObject({ user: { sub: 'alice', acr: secondFactor } })
  // Strong enough by now: no window any more.
  await clickCall(page, `${api.url}/orders/refunds`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  expect(as.count('authorize')).toBe(2)
})

test('sends the parameters of the login again, at each step-up', async ({ page, app, as, api }) => {
  const params = { organization: 'acme', screen_hint: 'signup' }
  await startSession(page, app, optionsFor(api, 'popup'), { params })
  const sent = () => as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!.params
  expect(sent()).toMatchObject(params)
  await confirm(await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`)))
  expect(await outcome(page)).toMatchObject({ value: 200 })
  for (const authorizations of [2, 3]) {
    expect(as.count('authorize')).toBe(authorizations)
    expect(sent()).toMatchObject({ organization: 'acme' })
    expect(sent()).not.toHaveProperty('screen_hint')
    await clickCall(page, `${api.url}/orders/history`)
    expect(await outcome(page)).toMatchObject({ value: 200 })
  }
})

test('asks for more scope beside what there is', async ({ page, app, as, api }) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  await clickCall(page, `${api.url}/orders/history`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  const request = as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!
  expect(request.params['scope']).toBe(`openid ${orders.scope} ${orders.more}`)
  await clickCall(page, `${api.url}/orders`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  expect(as.count('authorize')).toBe(2)
})

test('widens the scope of an entry of apis that names one', async ({ page, app, as, api }) => {
  const options = optionsFor(api, 'popup')
  await startSession(page, app, { ...options, apis: [{ url: api.url, scope: orders.scope }] })
  await clickCall(page, `${api.url}/orders/history`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  expect(as.count('authorize')).toBe(2)
})

/** Clicks a button that calls the API so many times at once; `outcome` has each status, or the name of the error. */
const clickAtOnce = (page: Page, url: string, count: number) =>
  popupOf(page, () =>
    click(
      page,
      ([target, length]) => {
        const aborts = (window.aborts = Array.from({ length }, () => new AbortController()))
        const { plainFetch = (window.plainFetch = window.fetch) } = window
        window.answered = 0
        window.fetch = (...request) => plainFetch(...request).finally(() => window.answered!++)
        const calls = aborts.map(({ signal }) => window.auth.fetch(target, { signal }))
        const read = (call: Promise<Response>) =>
          call.then(({ status }) => status).catch(({ name }: Error) => name)
        return Promise.all(calls.map(read))
      },
      [url, count] as const,
    ),
  )

test('opens one window for all requests that are refused at once', async ({ page, app, as, api }) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  await confirm(await clickAtOnce(page, `${api.url}/orders/refunds`, 3))
  expect(await outcome(page)).toMatchObject({ value: [200, 200, 200] })
  expect(as.count('authorize')).toBe(2)
})

test('detaches only the request whose signal is aborted, and closes the window when none is left', async ({
  page,
  app,
  as,
  api,
}) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const clickTwo = () => clickAtOnce(page, `${api.url}/orders/refunds`, 2)
  const abort = (index: number) => page.evaluate((at) => window.aborts![at]!.abort(), index)

  const given = await clickTwo()
  await abort(0)
  await abort(1)
  await expect.poll(() => given.isClosed()).toBe(true)
  expect(await outcome(page)).toMatchObject({ value: ['AbortError', 'AbortError'] })
  expect(await state(page)).not.toHaveProperty('login')

  const popup = await clickTwo()
  // The window is that of the call that was refused first: the other one has to wait for it, too.
  await expect.poll(() => page.evaluate(() => window.answered)).toBe(2)
  await abort(0)
  await confirm(popup)
  expect(await outcome(page)).toMatchObject({ value: ['AbortError', 200] })
  expect(as.count('authorize')).toBe(3)
})

test('leaves the session as it was when the user turns the step-up down', async ({ page, app, as, api }) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const before = await getToken(page)
  const popup = await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`))
  await press(popup, 'Cancel')
  expect((await outcome(page)).error).toMatchObject({ code: 'access_denied' })
  expect(await getToken(page)).toBe(before)
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  await clickCall(page, `${api.url}/orders`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
  expect(as.count('token')).toBe(1)
})

test('refuses a step-up that another user answers, and keeps the session', async ({ page, app, api }) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const before = await getToken(page)
  await page.context().clearCookies()
  const popup = await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`))
  await signIn(popup, 'bob')
  await confirm(popup)
  expect((await outcome(page)).error).toMatchObject({ code: 'user_changed' })
  expect(await getToken(page)).toBe(before)
  expect(await state(page)).toMatchObject({ user: { sub: 'alice' } })
})

test('brings nobody back who has logged out in another tab while the window was open', async ({
  page,
  app,
  as,
  api,
}) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const other = await openTab(page)
  const popup = await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`))
  await popup.getByLabel('Code').waitFor()
  await other.evaluate(() => window.auth.logout({ local: true }))
  await confirm(popup)
  expect((await outcome(page)).error).toMatchObject({ code: 'login_required' })
  for (const tab of [page, other])
    expect(await state(tab)).toEqual({ status: 'logged-out', reason: 'logout' })
  // What the session had, and what came.
  expect(as.count('revocation')).toBe(2)
  // The control: a login does, and the step-up of its session.
  await logInByPopup(page, { prompt: 'login' })
  await confirm(await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`)))
  expect(await outcome(page)).toMatchObject({ value: 200 })
})

test('makes no loop of it when the server ignores acr_values', async ({ page, app, as, api }) => {
  await startSession(page, app, optionsFor(api, 'popup'))
  const before = await getToken(page)
  const stop = as.tamperIdToken(({ acr: _, ...claims }) => ({ claims }))
  const popup = await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`))
  await confirm(popup)
  expect((await outcome(page)).error).toMatchObject({
    code: 'unmet_authentication_requirements',
    message: expect.stringContaining(secondFactor) as unknown as string,
  })
  expect(await getToken(page)).toBe(before)
  expect(as.count('authorize')).toBe(2)
  stop()
  await clickCall(page, `${api.url}/orders/refunds`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
})

for (const [what, ago] of Object.entries({ 'was an hour ago': 3600, 'is not told': undefined }))
  test(`refuses a step-up whose login ${what}, and keeps the session`, async ({ page, app, as, api }) => {
    await startSession(page, app, optionsFor(api, 'popup'))
    const before = await getToken(page)
    const now = Math.floor(Date.now() / 1000)
    const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, auth_time: ago && now - ago } }))
    await confirm(await popupOf(page, () => clickCall(page, `${api.url}/orders/refunds`)))
    expect((await outcome(page)).error).toMatchObject({
      code: 'unmet_authentication_requirements',
      cause: { claim: 'auth_time' },
    })
    expect(as.requests.findLast(({ endpoint }) => endpoint === 'authorize')!.params['max_age']).toBe('300')
    expect(await getToken(page)).toBe(before)
    expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
    expect(as.count('authorize')).toBe(2)
    stop()
    await clickCall(page, `${api.url}/orders/refunds`)
    expect(await outcome(page)).toMatchObject({ value: 200 })
  })

test('hands back the second refusal when the API is not content with a step-up', async ({
  page,
  app,
  as,
  startApp,
}) => {
  const never = await startApp({ host: 'api.localhost' })
  never.route('/api', () => ({
    status: 401,
    headers: {
      'www-authenticate': `Bearer error="insufficient_user_authentication", acr_values="${secondFactor}"`,
    },
  }))
  await startSession(page, app, { stepUp: 'popup', apis: [{ url: `${never.origin}/api` }] })
  const popup = await popupOf(page, () => clickCall(page, `${never.origin}/api`))
  await confirm(popup)
  expect(await outcome(page)).toMatchObject({ value: 401 })
  expect(as.count('authorize')).toBe(2)
  expect(never.requests.filter(({ method }) => method === 'GET')).toHaveLength(2)
})

test('leaves for the server by redirect and comes back stronger', async ({ page, app, api }) => {
  await startSession(page, app, optionsFor(api, 'redirect'))
  await page.goto('/deep/path?a=1')
  await page.evaluate(() => window.auth.ready())
  await clickCall(page, `${api.url}/orders/refunds`)
  await page.waitForURL(/interaction/)
  await confirm(page)
  await page.waitForURL(`${app.origin}/deep/path?a=1`)
  expect(await page.evaluate(() => window.auth.ready())).toMatchObject({ user: { acr: secondFactor } })
  await clickCall(page, `${api.url}/orders/refunds`)
  expect(await outcome(page)).toMatchObject({ value: 200 })
})

test('checks acr of a login that asks for it', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  await logInByPopup(page)
  const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, acr: 'something-else' } }))
  await confirm(await popupOf(page, () => clickLogin(page, { acrValues: `other ${secondFactor}` })))
  expect((await outcome(page)).error).toMatchObject({ code: 'unmet_authentication_requirements' })
  stop()
  await clickLogin(page, { acrValues: `other ${secondFactor}` })
  expect((await outcome(page)).value).toMatchObject({ user: { acr: secondFactor } })
})
