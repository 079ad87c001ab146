import type { Page } from '@playwright/test'
import {
  clickLogin,
  createAuth,
  events,
  openApp,
  outcome,
  state,
  type Outcome,
  type PlainState,
} from '../../rig/app-page.js'
import { expect, test, type TestAuthorizationServer } from '../../rig/fixtures.js'
import { startServerSession } from '../../rig/server-session.js'
import { popupOf, signIn } from '../../rig/sign-in.js'
import { letOpenerLook } from '../../rig/look.js'
import { getToken, startExpiredSession } from '../../rig/token-calls.js'

declare global {
  interface Window {
    firstOutcome: Promise<Outcome> | undefined
    other: typeof window.auth
  }
}

/** Keeps what was clicked last apart from what will be clicked next. */
async function keepOutcome(page: Page): Promise<() => Promise<Outcome<PlainState>>> {
  await page.evaluate(() => void (window.firstOutcome = window.outcome))
  return () => page.evaluate(() => window.firstOutcome) as Promise<Outcome<PlainState>>
}

/** Creates a second client as `window.other`, with a client identifier of its own. */
async function createOther(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { auth } = window
    window.startAuth({ clientId: 'second-app' })
    window.other = window.auth
    window.auth = auth
  })
}

function statesAskedFor(as: TestAuthorizationServer): Set<string | undefined> {
  return new Set(
    as.requests.filter(({ endpoint }) => endpoint === 'authorize').map(({ params }) => params['state']),
  )
}

for (const webMessage of [true, false]) {
  test.describe(webMessage ? 'by web message' : 'by callback page', () => {
    test.use({ asOptions: { webMessage } })

    test('finishes both of two logins that are open at once, the second first', async ({ page, as }) => {
      await openApp(page)
      await createAuth(page)
      const first = await popupOf(page, () => clickLogin(page, { appState: 'first' }))
      await first.getByLabel('User name').waitFor()
      const firstOutcome = await keepOutcome(page)
      const second = await popupOf(page, () => clickLogin(page, { appState: 'second' }))
      await second.getByLabel('User name').waitFor()
      expect(first.isClosed()).toBe(false)
      expect(statesAskedFor(as).size).toBe(2)

      await signIn(second)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', appState: 'second' })
      expect(first.isClosed()).toBe(false)
      await signIn(first)
      expect((await firstOutcome()).value).toMatchObject({ status: 'logged-in', appState: 'first' })
      expect(as.count('token')).toBe(2)
      expect(as.countEvents('grant.error')).toBe(0)
    })

    test('goes on with the first login when the second window is closed', async ({ page, as }) => {
      await openApp(page)
      await createAuth(page)
      const first = await popupOf(page, () => clickLogin(page))
      await first.getByLabel('User name').waitFor()
      const firstOutcome = await keepOutcome(page)
      const second = await popupOf(page, () => clickLogin(page))
      await second.getByLabel('User name').waitFor()
      // Else Firefox gives the focus to the first window, where the user could still be at work in the second.
      await page.bringToFront()
      await letOpenerLook(page)
      await second.close()
      expect((await outcome(page)).error).toMatchObject({ code: 'popup_closed' })
      await signIn(first)
      expect((await firstOutcome()).value).toMatchObject({ status: 'logged-in' })
      expect(as.count('token')).toBe(1)
    })

    test('keeps two clients of one server apart: a popup and a hidden frame', async ({ page, as, app }) => {
      await startServerSession(page, as, app)
      await openApp(page)
      await createAuth(page)
      await createOther(page)
      const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
      await popup.getByLabel('User name').waitFor()
      const firstOutcome = await keepOutcome(page)

      await page.evaluate(() => void (window.onRun = () => window.other.login({ mode: 'silent' })))
      await page.click('#run')
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { aud: 'second-app' } })
      expect(popup.isClosed()).toBe(false)
      expect(await page.evaluate(() => window.auth.getState())).toEqual({
        status: 'logged-out',
        login: 'waiting',
      })

      await signIn(popup)
      expect((await firstOutcome()).value).toMatchObject({ status: 'logged-in', user: { aud: 'demo-app' } })
      expect(await tokensDiffer(page)).toBe(true)
      expect(as.count('token')).toBe(2)
    })

    test('keeps two clients of one server apart: two popups', async ({ page, as }) => {
      await openApp(page)
      await createAuth(page)
      await createOther(page)
      const first = await popupOf(page, () => clickLogin(page))
      await first.getByLabel('User name').waitFor()
      const firstOutcome = await keepOutcome(page)
      await page.evaluate(() => void (window.onRun = () => window.other.login()))
      const second = await popupOf(page, () => page.click('#run'))
      await signIn(second)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { aud: 'second-app' } })
      expect(await page.evaluate(() => window.auth.getState())).toEqual({
        status: 'logged-out',
        login: 'waiting',
      })
      await signIn(first)
      expect((await firstOutcome()).value).toMatchObject({ status: 'logged-in', user: { aud: 'demo-app' } })
      expect(await tokensDiffer(page)).toBe(true)
      expect(as.count('token')).toBe(2)
    })
  })
}

for (const refreshTokens of [true, false]) {
  test.describe(refreshTokens ? 'with refresh tokens' : 'without refresh tokens', () => {
    test.use({ asOptions: { refreshTokens } })

    test('renews while a window of the same client is open, and finishes the login then', async ({
      page,
      app,
      as,
    }) => {
      await startExpiredSession(page, app, as)
      const popup = await popupOf(page, () => clickLogin(page, { prompt: 'login' }))
      await popup.getByLabel('User name').waitFor()
      const { value } = await getToken(page)
      expect(as.secrets).toContain(value)
      expect(await events(page)).toEqual([{ type: 'renewed', via: refreshTokens ? 'refresh' : 'iframe' }])
      expect(popup.isClosed()).toBe(false)
      expect(await state(page)).toMatchObject({ status: 'logged-in', login: 'waiting' })

      await signIn(popup)
      expect((await outcome(page)).value).toMatchObject({ status: 'logged-in', user: { sub: 'alice' } })
      expect((await getToken(page)).value).not.toBe(value)
      expect(as.countEvents('grant.error')).toBe(0)
    })
  })
}

async function tokensDiffer(page: Page): Promise<boolean> {
  return page.evaluate(async () => (await window.auth.getToken()) !== (await window.other.getToken()))
}
