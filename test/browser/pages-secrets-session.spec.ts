import type { Page } from '@playwright/test'
import { click, openApp, outcome, state, type PageClientOptions } from '../rig/app-page.js'
import { tokenAnswerFaults, tokenEndpointFaults } from '../rig/echoing-faults.js'
import { expect, test, type TestAuthorizationServer } from '../rig/fixtures.js'
import { tokenOrCode } from '../rig/log-in-twice.js'
import { createKeptAuth, expectMarked, startSecretSearch, type SecretSearch } from '../rig/secret-search.js'
import { logInByPopup } from '../rig/sign-in.js'

/** Code, verifier, access, refresh and ID token. */
const allKinds = 5
const forced = 100_000

/** Logs in; the access token has ended at once where it is to be of no more use. */
async function logInWatched(
  page: Page,
  as: TestAuthorizationServer,
  options: PageClientOptions = {},
  ended = false,
): Promise<SecretSearch> {
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page, options)
  const stop = ended ? as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 })) : undefined
  await logInByPopup(page)
  stop?.()
  expectMarked(as, allKinds)
  return search
}

/** No frame renews: what the refresh token meets is what the app gets to hear. */
function refuseFrames(as: TestAuthorizationServer): void {
  as.fault('authorize', { error: 'login_required', when: ({ params }) => params['prompt'] === 'none' })
}

test('keeps every secret in its place after a refresh', async ({ page, as }) => {
  const search = await logInWatched(page, as)
  expect(await tokenOrCode(page, forced)).toBe('token')
  expectMarked(as, allKinds + 3)
  expect(await search.find()).toEqual([])
})

test('keeps every secret in its place after a renewal by frame', async ({ page, as }) => {
  const search = await logInWatched(page, as, { responseMode: 'fragment' })
  as.fault('token', {
    error: 'invalid_grant',
    when: ({ params }) => params['grant_type'] === 'refresh_token',
  })
  expect(await tokenOrCode(page, forced)).toBe('token')
  expectMarked(as, 2 * allKinds)
  expect(await search.find()).toEqual([])
})

for (const [name, provoke] of Object.entries(tokenEndpointFaults)) {
  test(`tells no secret when a refresh is answered with ${name}`, async ({ page, as }) => {
    const search = await logInWatched(page, as, {}, true)
    await page.reload()
    await createKeptAuth(page, name === 'no answer in time' ? { timeouts: { request: 1500 } } : {})
    refuseFrames(as)
    const fault = as.fault('token', provoke())
    expect(await tokenOrCode(page)).not.toBe('token')
    expect(fault.hits).toBeGreaterThan(0)
    expect(await search.find()).toEqual([])
    fault.end()
  })
}

for (const [name, provoke] of Object.entries(tokenAnswerFaults)) {
  test(`tells no secret when a refresh brings ${name}`, async ({ page, as }) => {
    const search = await logInWatched(page, as, {}, true)
    refuseFrames(as)
    provoke(as)
    expect(await tokenOrCode(page)).not.toBe('token')
    expect(as.countEvents('grant.success', 'refresh_token')).toBeGreaterThan(0)
    expectMarked(as, allKinds + 2)
    expect(await search.find()).toEqual([])
  })
}

test('tells no secret when the session is lost', async ({ page, as }) => {
  const search = await logInWatched(page, as)
  refuseFrames(as)
  as.fault('token', { error: 'invalid_grant' })
  expect(await tokenOrCode(page, forced)).toBe('session_lost')
  expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
  expect(await search.find()).toEqual([])
})

test('tells no secret when a frame answers for another user', async ({ page, as }) => {
  const search = await logInWatched(page, as)
  as.fault('token', {
    error: 'invalid_grant',
    when: ({ params }) => params['grant_type'] === 'refresh_token',
  })
  as.tamperIdToken((claims) => ({ claims: { ...claims, sub: 'mallory' } }))
  expect(await tokenOrCode(page, forced)).not.toBe('token')
  expect(as.countEvents('grant.success', 'authorization_code')).toBe(2)
  expect(await search.find()).toEqual([])
})

test('tells no secret when a logout overtakes a refresh', async ({ page, as }) => {
  const search = await logInWatched(page, as)
  const fault = as.fault('token', { hang: true, afterProcessing: true })
  const refreshing = tokenOrCode(page, forced)
  await fault.hit
  await page.evaluate(() => window.auth.logout({ local: true }))
  fault.end()
  expect(await refreshing).toBe('login_required')
  expectMarked(as, allKinds + 3)
  expect(await search.find()).toEqual([])
})

test('tells no secret when a revocation fails', async ({ page, as }) => {
  const search = await logInWatched(page, as)
  const fault = as.fault('revocation', tokenEndpointFaults['status 500 with all that was sent']!())
  await page.evaluate(() => window.auth.logout({ local: true }))
  await expect.poll(() => page.evaluate(() => window.kept.events.length)).toBeGreaterThan(0)
  expect(fault.hits).toBe(1)
  expect(await search.find()).toEqual([])
})

test('leaves no secret behind after a logout at the server', async ({ page, as, app }) => {
  const search = await startSecretSearch(page, as)
  app.authAtLoad = {}
  await openApp(page)
  await logInByPopup(page)
  expectMarked(as, allKinds)
  await page.evaluate(() => Object.assign(window, { before: true }))
  await click(page, () => void window.auth.logout())
  const statusAfter = () => page.evaluate(() => !('before' in window) && window.auth?.getState().status)
  await expect.poll(() => statusAfter().catch(() => undefined)).toBe('logged-out')
  expect(as.count('end_session')).toBe(1)
  // RP-Initiated Logout sends the ID token as a hint in the URL of the server's page: nobody but that server sees it.
  expect((await search.find()).filter((place) => place !== 'history')).toEqual([])
})

test('tells no secret when an API refuses the token or redirects', async ({ page, as, startApp }) => {
  const api = await startApp()
  api.route('/refused', ({ headers }) => ({
    status: 401,
    headers: {
      'www-authenticate': `Bearer error="invalid_token", error_description="${headers.authorization}"`,
    },
  }))
  api.route('/redirected', ({ headers }) => ({
    status: 302,
    headers: { location: `/?${headers.authorization}` },
  }))
  const search = await logInWatched(page, as, { apis: [{ url: api.origin }] })
  expect(
    await page.evaluate(async (url) => (await window.auth.fetch(url)).status, `${api.origin}/refused`),
  ).toBe(401)
  await click(page, (url) => window.auth.fetch(url).then(() => {}), `${api.origin}/redirected`)
  expect((await outcome(page)).error?.code).toBe('redirect_refused')
  expect(await search.find()).toEqual([])
})

const brokenStores: Record<string, () => void> = {
  'does not open': () => {
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function (name, ...rest) {
      if (name === 'latchkey') throw new DOMException('the store is broken', 'UnknownError')
      return open.call(this, name, ...rest)
    }
  },
  'is full': () => {
    IDBObjectStore.prototype.put = (value: unknown, key?: IDBValidKey) => {
      throw Object.assign(new DOMException('the store is full', 'QuotaExceededError'), { value, key })
    }
  },
  'does not answer': () => {
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (...values) {
      const made = transaction.apply(this, values)
      if (this.name === 'latchkey' && values[1] === 'readwrite')
        Object.defineProperty(made, 'oncomplete', { set() {} })
      return made
    }
  },
}

for (const [name, breakStore] of Object.entries(brokenStores)) {
  test(`tells no secret when the store ${name}`, async ({ page, as }) => {
    await page.addInitScript(breakStore)
    const search = await logInWatched(page, as)
    expect(await tokenOrCode(page, forced)).toBe('token')
    expectMarked(as, allKinds + 3)
    expect(await page.evaluate(() => JSON.stringify(window.kept.events))).toContain('store_failed')
    expect(await search.find()).toEqual([])
  })
}
