import { expect, type Page } from '@playwright/test'
import type { TokenOptions } from '../../src/api/token-options.js'
import {
  createAuth,
  openApp,
  state,
  type Outcome,
  type PageClientOptions,
  type Place,
  type PlainState,
} from './app-page.js'
import type { AppServer } from './app-server.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { logInByPopup } from './sign-in.js'

/** Calls `getToken` in the page, without a gesture, and waits for its end. */
export async function getToken(
  page: Place,
  options: Omit<TokenOptions, 'signal'> = {},
): Promise<Outcome<string>> {
  return (await getTokens(page, 1, options))[0]!
}

/** Calls `getToken` so many times at once in the page. */
export async function getTokens(
  page: Place,
  count: number,
  options: Omit<TokenOptions, 'signal'> = {},
): Promise<Outcome<string>[]> {
  return page.evaluate(
    async ([calls, tokenOptions]) => {
      const start = performance.now()
      const after = () => Math.round(performance.now() - start)
      const call = () =>
        window.auth.getToken(tokenOptions).then(
          (value) => ({ value, after: after() }),
          (error: unknown) => ({ error: window.describe(error) as Outcome['error'] & {}, after: after() }),
        )
      return Promise.all(Array.from({ length: calls }, call))
    },
    [count, options] as const,
  )
}

/** Gets a token that `getToken` must renew for, whatever is cached. */
export async function renewToken(page: Place): Promise<Outcome<string>> {
  return getToken(page, { minValidity: 1_000_000 })
}

/** Waits until the page's state has these fields. */
export async function expectState(page: Place, fields: Partial<PlainState>): Promise<void> {
  await expect.poll(() => state(page)).toMatchObject(fields as Record<string, unknown>)
}

/** Opens the page, creates its client and logs in; every page of the app creates its client when it loads from then on. */
export async function startSession(
  page: Page,
  app: AppServer,
  options: PageClientOptions = {},
  login: Parameters<typeof logInByPopup>[1] = {},
): Promise<void> {
  await openApp(page)
  await createAuth(page, options)
  await logInByPopup(page, login)
  app.authAtLoad = options
}

/** As `startSession`; the access token that comes with the login counts as expired as soon as it is there. */
export async function startExpiredSession(
  page: Page,
  app: AppServer,
  as: TestAuthorizationServer,
  options: PageClientOptions = {},
  login: Parameters<typeof logInByPopup>[1] = {},
): Promise<void> {
  const stop = as.tamperTokenResponse((json) => ({ ...json, expires_in: 0 }))
  await startSession(page, app, options, login)
  stop()
}

/** As `startSession`; the access token is good for 29 s, which `getToken` renews already but can still hand out. */
export async function startAgingSession(
  page: Page,
  app: AppServer,
  as: TestAuthorizationServer,
  options: PageClientOptions = {},
  login: Parameters<typeof logInByPopup>[1] = {},
): Promise<void> {
  as.accessTokenTTL = 29
  await startSession(page, app, options, login)
  as.accessTokenTTL = 600
}

/** Opens one more tab of the app; its client is there and knows its state. */
export async function openTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage()
  await openApp(tab)
  await tab.evaluate(() => window.auth.ready())
  return tab
}
