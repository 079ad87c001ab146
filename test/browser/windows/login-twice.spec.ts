import type { Page } from '@playwright/test'
import { createAuth, clickLogin, openApp, outcome, type PlainState } from '../../rig/app-page.js'
import { expect, test } from '../../rig/fixtures.js'
import { openQuietPopup, webMessage } from '../../rig/quiet-popup.js'
import { signIn } from '../../rig/sign-in.js'

declare global {
  interface Window {
    clients: (typeof window.auth)[]
  }
}

/** Creates clients with the same options, one right after the other, as React's StrictMode does. */
async function createTwice(page: Page, closeFirst: boolean, options: object = {}): Promise<void> {
  await page.evaluate(
    ([close, plain]) => {
      window.clients = [1, 2].map((number) => {
        window.startAuth(plain)
        if (close && number === 1) window.auth.close()
        return window.auth
      })
    },
    [closeFirst, options] as const,
  )
}

const now = (page: Page, client: number): Promise<PlainState> =>
  page.evaluate((index) => window.describe(window.clients[index]!.getState()) as never, client)

const loggedIn = { status: 'logged-in', user: { sub: 'alice' } }

test.describe('by callback page', () => {
  test.use({ asOptions: { webMessage: false } })

  for (const [where, options, landing] of [
    ['the callback page', {}, /\/start$/],
    ['the app itself', { redirectUri: '/' }, /\/#code/],
  ] as const) {
    /** Logs in by redirect, up to the page that makes its clients then. */
    const comeBack = async (page: Page) => {
      await openApp(page, '/start')
      await createAuth(page, options)
      await clickLogin(page, { mode: 'redirect', returnTo: where === 'the app itself' ? '/' : '/start' })
      await signIn(page)
      await page.waitForURL(landing)
      await page.waitForFunction(() => window.startAuth as unknown)
    }

    test(`logs both of two clients in when a redirect login comes back to ${where}`, async ({ page, as }) => {
      await comeBack(page)
      await createTwice(page, false, options)
      await expect.poll(() => now(page, 0)).toMatchObject(loggedIn)
      await expect.poll(() => now(page, 1)).toMatchObject(loggedIn)
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
      expect(as.countEvents('grant.error')).toBe(0)
    })

    test(`logs in when the first of two clients is closed at once and the login comes back to ${where}`, async ({
      page,
      as,
    }) => {
      await comeBack(page)
      await createTwice(page, true, options)
      await expect.poll(() => now(page, 1)).toMatchObject(loggedIn)
      expect([as.count('authorize'), as.count('token')]).toEqual([1, 1])
    })
  }
})

test('redeems one code when the server posts its answer twice', async ({ page, as }) => {
  await openApp(page)
  await createAuth(page)
  const { popup, response } = await openQuietPopup(page, as)
  await popup.evaluate((message: object) => {
    for (let count = 0; count < 2; count++) (window.opener as Window).postMessage(message, '*')
  }, webMessage(response))
  expect((await outcome(page)).value).toMatchObject(loggedIn)
  await expect.poll(() => popup.isClosed()).toBe(true)
  expect(as.count('token')).toBe(1)
  expect(as.countEvents('grant.error')).toBe(0)
})
