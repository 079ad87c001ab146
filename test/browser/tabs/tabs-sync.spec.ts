import type { Page } from '@playwright/test'
import { clickLogin, createAuth, openApp, outcome, state } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { logInByPopup, popupOf, signIn } from '../../rig/sign-in.js'
import { expectState, getToken, openTab, renewToken, startSession } from '../../rig/token-calls.js'

/** Marks a page, so that a reload would show. */
const mark = (tab: Page) => tab.evaluate(() => void Object.assign(window, { marked: true }))
const isMarked = (tab: Page) => tab.evaluate(() => 'marked' in window)

test('restores the session after a reload without a request to the server', async ({
  page,
  app,
  as,
  vaultIn,
}) => {
  test.skip(vaultIn !== 'page', 'the reload of the only tab ends a session in a worker')
  await startSession(page, app)
  const { value } = await getToken(page)
  const { length } = as.requests
  await page.reload()
  const restored = await page.evaluate(() => window.auth.ready())
  expect(restored).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(page)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
})

test('restores the session in a new tab without a request to the server', async ({ page, app, as }) => {
  await startSession(page, app)
  const { value } = await getToken(page)
  const { length } = as.requests
  const tab = await openTab(page)
  expect(await state(tab)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect((await getToken(tab)).value).toBe(value)
  await page.close()
  expect((await getToken(tab)).value).toBe(value)
  expect(as.requests).toHaveLength(length)
})

test('shows a login, a user change and a logout in all tabs without a reload', async ({ page, app, as }) => {
  app.authAtLoad = {}
  await openApp(page)
  const others = [await openTab(page), await openTab(page)]
  for (const tab of others) {
    expect(await state(tab)).toEqual({ status: 'logged-out' })
    await mark(tab)
  }

  await logInByPopup(page)
  for (const tab of others) await expectState(tab, { status: 'logged-in', user: { sub: 'alice' } as never })
  const { value: ofAlice } = await getToken(page)
  for (const tab of others) expect((await getToken(tab)).value).toBe(ofAlice)

  await signIn(await popupOf(page, () => clickLogin(page, { prompt: 'login' })), 'bob')
  expect((await outcome(page)).value).toMatchObject({ user: { sub: 'bob' } })
  for (const tab of others) await expectState(tab, { status: 'logged-in', user: { sub: 'bob' } as never })
  const { value: ofBob } = await getToken(page)
  expect(ofBob).not.toBe(ofAlice)
  for (const tab of others) expect((await getToken(tab)).value).toBe(ofBob)
  expect(as.count('token')).toBe(2)

  await page.evaluate(() => window.auth.logout({ local: true }))
  for (const tab of others) {
    await expectState(tab, { status: 'logged-out', reason: 'logout' })
    expect((await getToken(tab)).error?.code).toBe('login_required')
    expect(await tab.evaluate(() => window.auth.getUser())).toBe(null)
    expect(await isMarked(tab)).toBe(true)
  }
})

test('adopts the token that another tab has renewed, without a request', async ({ page, app, as }) => {
  await startSession(page, app)
  const other = await openTab(page)
  const { value } = await renewToken(page)
  await expect.poll(async () => (await getToken(other)).value).toBe(value)
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(1)
})

test('separates the sessions of two clients in one app', async ({ page, app, as }) => {
  await startSession(page, app)
  app.authAtLoad = undefined
  const other = await page.context().newPage()
  await openApp(other)
  await createAuth(other, { clientId: 'second-app' })
  expect(await other.evaluate(() => window.auth.ready())).toEqual({ status: 'logged-out' })
  await other.evaluate(() => window.auth.login({ mode: 'silent' }))
  const [ofFirst, ofSecond] = [await renewToken(page), await renewToken(other)]
  expect(ofSecond.value).toBeTruthy()
  expect(ofSecond.value).not.toBe(ofFirst.value)
  await other.evaluate(() => window.auth.logout({ local: true }))
  expect((await getToken(page)).value).toBe(ofFirst.value)
  expect((await renewToken(page)).value).toBeTruthy()
  expect(await state(page)).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
  expect(as.countEvents('grant.success', 'refresh_token')).toBe(3)
})
