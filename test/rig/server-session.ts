import { expect, type Page } from '@playwright/test'
import type { AppServer } from './app-server.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { authorizationUrl } from './login-by-hand.js'
import { press, signIn } from './sign-in.js'

/**
 * Signs a user in at the authorization server in a tab of its own that no client of the test waits for, and consents
 * where that is asked for. What was logged on the way is forgotten.
 */
export async function startServerSession(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
  { user = 'alice', consent = false } = {},
): Promise<void> {
  const tab = await page.context().newPage()
  await tab.goto(authorizationUrl(as, app, { response_mode: 'fragment' }))
  await signIn(tab, user)
  if (consent) await press(tab, 'Allow')
  await tab.waitForURL(/app\.html#/)
  await tab.close()
  as.requests.length = 0
  as.events.length = 0
  app.requests.length = 0
}

/** Signs a user in at the authorization server without any page, which costs a second less than `startServerSession`. */
export async function signInByRequest(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
  user = 'alice',
): Promise<void> {
  const { request } = page.context()
  const asked = await request.get(authorizationUrl(as, app))
  const answered = await request.post(asked.url(), { form: { login: user, password: 'secret' } })
  expect(answered.url()).toContain(`${app.origin}/app.html?code=`)
}
