import type { Page } from '@playwright/test'
import { click, openApp, outcome, state } from '../../rig/app-page.js'
import type { Fault } from '../../rig/faults.js'
import { tokenEndpointFaults } from '../../rig/echoing-faults.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { tokenOrCode } from '../../rig/log-in-twice.js'
import { createKeptAuth, expectMarked, startSecretSearch } from '../../rig/secret-search.js'
import { logIn, logInExpired, refuseFrames } from '../../rig/secret-login.js'
import { allKinds, searchAfterEach } from '../../rig/secret-walk.js'
import { logInByPopup } from '../../rig/sign-in.js'

const forced = 100_000

/** The refresh token is good no more, and codes are. */
function refuseRefreshTokens(as: TestAuthorizationServer): Fault {
  const when = ({ params }: { params: Record<string, string> }) => params['grant_type'] === 'refresh_token'
  return as.fault('token', { error: 'invalid_grant', when })
}

/** What can become of a session after its login; each returns what ends the faults. */
const turns: Record<string, (page: Page, as: TestAuthorizationServer) => Promise<(() => void) | void>> = {
  async 'a refresh'(page, as) {
    const marked = await logIn(page, as)
    expect(await tokenOrCode(page, forced)).toBe('token')
    expectMarked(as, 3, marked)
  },
  async 'a renewal by frame'(page, as) {
    const marked = await logIn(page, as, { responseMode: 'fragment' })
    const fault = refuseRefreshTokens(as)
    expect(await tokenOrCode(page, forced)).toBe('token')
    expectMarked(as, allKinds, marked)
    return fault.end
  },
  async 'the loss of the session'(page, as) {
    await logIn(page, as)
    const faults = [refuseFrames(as), as.fault('token', { error: 'invalid_grant' })]
    expect(await tokenOrCode(page, forced)).toBe('session_lost')
    expect(await state(page)).toMatchObject({ status: 'logged-out', reason: 'session_lost' })
    return () => faults.forEach((fault) => fault.end())
  },
  async 'a frame that answers for another user'(page, as) {
    await logIn(page, as)
    const redeemed = as.countEvents('grant.success', 'authorization_code')
    const fault = refuseRefreshTokens(as)
    const stop = as.tamperIdToken((claims) => ({ claims: { ...claims, sub: 'mallory' } }))
    expect(await tokenOrCode(page, forced)).not.toBe('token')
    expect(as.countEvents('grant.success', 'authorization_code')).toBe(redeemed + 1)
    return () => {
      fault.end()
      stop()
    }
  },
  async 'a logout that overtakes a refresh'(page, as) {
    const marked = await logIn(page, as)
    const fault = as.fault('token', { hang: true, afterProcessing: true })
    const refreshing = tokenOrCode(page, forced)
    await fault.hit
    await page.evaluate(() => window.auth.logout({ local: true }))
    fault.end()
    expect(await refreshing).toBe('login_required')
    expectMarked(as, 3, marked)
  },
  async 'a tab that is closed while its refresh is answered'(page, as) {
    const marked = await logInExpired(page, as)
    const tab = await page.context().newPage()
    await openApp(tab)
    await createKeptAuth(tab)
    const fault = as.fault('token', { hang: true, afterProcessing: true, times: 1 })
    const lost = tokenOrCode(tab).catch(() => 'closed')
    await fault.hit
    await tab.close()
    expect(await lost).toBe('closed')
    expect(await tokenOrCode(page)).toBe('token')
    // What came for the closed tab, and what the frame brought.
    expectMarked(as, 3 + allKinds, marked)
    return fault.end
  },
  async 'a refresh while the device is offline'(page, as) {
    await logInExpired(page, as)
    await page.context().setOffline(true)
    expect(await tokenOrCode(page)).toBe('network_error')
    return () => void page.context().setOffline(false)
  },
  async 'a revocation that fails'(page, as) {
    await logIn(page, as)
    const echo = tokenEndpointFaults['an error']['status 500 with all that was sent']!()
    const fault = as.fault('revocation', echo)
    await page.evaluate(() => window.auth.logout({ local: true }))
    await expect.poll(() => page.evaluate(() => window.kept.events.length)).toBeGreaterThan(0)
    expect(fault.hits).toBe(1)
    return fault.end
  },
}

test('keeps every secret in its place throughout a session', async ({ page, as, app }) => {
  await searchAfterEach({ page, as, app }, turns, allKinds, (turn) => turn(page, as))
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

test('reveals no secret when an API refuses the token, redirects, or is not in the apis', async ({
  page,
  as,
  startApp,
}) => {
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
  const search = await startSecretSearch(page, as)
  await openApp(page)
  await createKeptAuth(page, { apis: [{ url: api.origin }] })
  await logInByPopup(page)
  expectMarked(as, allKinds)
  expect(
    await page.evaluate(async (url) => (await window.auth.fetch(url)).status, `${api.origin}/refused`),
  ).toBe(401)
  await click(page, (url) => window.auth.fetch(url).then(() => {}), `${api.origin}/redirected`)
  expect((await outcome(page)).error?.code).toBe('redirect_refused')
  const elsewhere = (url: string) =>
    window.auth
      .getToken()
      .then((token) => window.auth.fetch(`${url}/?token=${token}#${token}`))
      .then(() => {})
  await click(page, elsewhere, as.origin)
  expect((await outcome(page)).error?.code).toBe('origin_not_allowed')
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

test('reveals no secret when the store breaks', async ({ page, as, app }) => {
  await searchAfterEach({ page, as, app }, brokenStores, allKinds + 3, async (breakStore) => {
    await openApp(page)
    await page.evaluate(breakStore)
    const marked = await logIn(page, as)
    expect(await tokenOrCode(page, forced)).toBe('token')
    expectMarked(as, 3, marked)
    expect(await page.evaluate(() => JSON.stringify(window.kept.events))).toContain('store_failed')
  })
})
