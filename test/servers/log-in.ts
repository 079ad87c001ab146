import type { Page } from '@playwright/test'
import type { LoginOptions } from '../../src/api/login-options.js'
import { clickLogin, openApp, outcome, type PageClientOptions, type PlainState } from '../rig/app-page.js'
import type { AppServer } from '../rig/app-server.js'
import { popupOf } from '../rig/sign-in.js'
import type { RealServer } from './real-server.js'

/** Logs in by popup from the click to the end, and returns the state. Throws when the login fails. */
export async function logIn(
  page: Page,
  enter: (popup: Page) => Promise<void>,
  options: LoginOptions = {},
): Promise<PlainState & { status: 'logged-in' }> {
  const popup = await popupOf(page, () => clickLogin(page, options))
  await enter(popup)
  const { value, error } = await outcome(page)
  if (value?.status !== 'logged-in') throw new Error(`the login failed: ${error?.code}: ${error?.message}`)
  return value
}

/** Opens the app, which creates its client whenever it loads, and logs in. */
export async function startSession(
  page: Page,
  app: AppServer,
  server: RealServer,
  client: PageClientOptions = {},
): Promise<PlainState & { status: 'logged-in' }> {
  app.authAtLoad = client
  await openApp(page)
  return logIn(page, server.signIn)
}
