import { events, openApp, state } from '../rig/app-page.js'
import { collectRefreshTokens, isAlive } from '../rig/refresh-tokens.js'
import { isRefresh } from '../rig/request-kinds.js'
import { endStorm, prepareStorm, signalStorm } from '../rig/storm.js'
import { readRecords } from '../rig/stored-records.js'
import { expectState, getToken, renewToken } from '../rig/token-calls.js'
import { logInByPopup, openTab, startSession } from './app-tab.js'
import { expect, test } from './fixtures.js'

test('renews with the refresh token', async ({ tab, tabs, app, as }) => {
  await startSession(tab, tabs, app)
  const { value: first } = await getToken(tab)
  const { value: second } = await renewToken(tab)
  expect(as.secrets).toContain(second)
  expect(second).not.toBe(first)
  expect(await events(tab)).toContainEqual({ type: 'renewed', via: 'refresh' })
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.count('authorize')).toBe(1)
})

test('restores the session after a reload without a request to the server, from an encrypted record', async ({
  tab,
  tabs,
  app,
  as,
}) => {
  await startSession(tab, tabs, app)
  const { value } = await getToken(tab)
  const { length } = as.requests
  await tab.reload()
  await tab.evaluate(async () => void (await window.auth.ready()))
  expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(tab)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
  const records = JSON.stringify(await readRecords(tab))
  expect(records).toContain('CryptoKey')
  for (const secret of as.secrets) expect(records).not.toContain(secret)
})

test('refreshes once for three tabs that need a token at the same moment', async ({ tab, tabs, app, as }) => {
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  await startSession(tab, tabs, app)
  stop()
  const all = [tab, await openTab(tabs), await openTab(tabs)]
  for (const one of all) await prepareStorm(one, 'open')
  const refresh = as.fault('token', { hang: true, when: isRefresh })
  await signalStorm(tab)
  await refresh.hit
  // The two others wait for the lock.
  const countWaiting = async () => (await navigator.locks.query()).pending?.length
  await expect.poll(() => tab.evaluate(countWaiting)).toBe(2)
  refresh.release()
  const outcomes = await endStorm(all)
  expect(outcomes.map(({ error }) => error?.code).filter(Boolean)).toEqual([])
  expect(new Set(outcomes.map(({ value }) => value)).size).toBe(1)
  expect(as.secrets).toContain(outcomes[0]!.value)
  expect(as.count('token', isRefresh)).toBe(1)
  expect(as.count('authorize')).toBe(1)
})

test('shows a login and a logout in the other tab, and revokes the refresh token', async ({
  tab,
  tabs,
  app,
  as,
}) => {
  const refreshTokens = collectRefreshTokens(as)
  app.authAtLoad = {}
  await openApp(tab)
  const other = await openTab(tabs)
  expect(await state(other)).toEqual({ status: 'logged-out' })
  await logInByPopup(tab, tabs)
  await expectState(other, { status: 'logged-in', user: { sub: 'alice' } as never })
  expect((await getToken(other)).value).toBe((await getToken(tab)).value)
  await tab.evaluate(() => window.auth.logout({ local: true }))
  await expectState(other, { status: 'logged-out', reason: 'logout' })
  expect((await getToken(other)).error?.code).toBe('login_required')
  expect(as.count('revocation')).toBe(1)
  expect(await isAlive(as, refreshTokens.at(-1))).toBe(false)
})

test('logs out at the server, and comes back', async ({ tab, tabs, app, as }) => {
  await startSession(tab, tabs, app)
  await tab.evaluate(() => {
    Object.assign(window, { isOldPage: true })
    void window.auth.logout()
  })
  const hasReturned = () => tab.evaluate(() => !('isOldPage' in window) && Boolean(window.auth))
  await expect.poll(hasReturned).toBe(true)
  expect(as.count('end_session')).toBe(1)
  expect(await tab.evaluate(() => document.URL)).toBe(`${app.origin}/`)
  const silent = () => window.auth.login({ mode: 'silent' }).catch(window.describe)
  expect(await tab.evaluate(silent)).toMatchObject({ code: 'login_required' })
})

test('keeps the session in a shared worker: the tabs share one refresh, and it survives a reload', async ({
  tab,
  tabs,
  app,
  as,
}) => {
  await startSession(tab, tabs, app, { vault: 'shared' })
  const other = await openTab(tabs)
  const { value } = await renewToken(tab)
  expect(as.secrets).toContain(value)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  expect(as.count('token', isRefresh)).toBe(1)
  await tab.reload()
  await tab.evaluate(async () => void (await window.auth.ready()))
  expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
})

test('binds the tokens to a key that survives a reload, with dpop', async ({ tab, tabs, app, as }) => {
  await startSession(tab, tabs, app, { dpop: true })
  await tab.reload()
  const renewed = await renewToken(tab)
  expect(as.secrets).toContain(renewed.value)
  expect(await tab.evaluate(() => window.auth.getTokenSet())).toMatchObject({
    tokenType: 'dpop',
    accessToken: renewed.value,
  })
})
