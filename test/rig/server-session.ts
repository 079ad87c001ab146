import { expect, type Page } from '@playwright/test'
import type { AppServer } from './app-server.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { authorizationUrl } from './login-by-hand.js'

/**
 * Signs a user in at the authorization server as `signInByRequest` does, with `consent` also on the consent page, and clears the
 * requests and events that were logged.
 */
export async function startServerSession(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
  { user = 'alice', consent = false } = {},
): Promise<void> {
  await signInByRequest(page, as, app, user, consent)
  as.requests.length = 0
  as.events.length = 0
  app.requests.length = 0
}

/** Signs a user in at the authorization server without any page: a tab and a form would cost seconds. */
export async function signInByRequest(
  page: Page,
  as: TestAuthorizationServer,
  app: AppServer,
  user = 'alice',
  consent = false,
): Promise<void> {
  const { request } = page.context()
  const asked = await request.get(authorizationUrl(as, app))
  let answered = await request.post(asked.url(), { form: { login: user, password: 'secret' } })
  if (consent) answered = await request.post(answered.url(), { form: {} })
  expect(answered.url()).toContain(`${app.origin}/app.html?code=`)
}
