import type { LoginOptions } from '../../src/api/login-options.js'
import { clickLogin, createAuth, openApp, outcome, type PageClientOptions } from '../rig/app-page.js'
import type { AppServer } from '../rig/fixtures.js'
import { signIn } from '../rig/sign-in.js'
import { expect } from './fixtures.js'
import type { Tab, Tabs } from './tab.js'

/** Logs alice in by popup, and waits until its window is gone. */
export async function logInByPopup(tab: Tab, tabs: Tabs, options: LoginOptions = {}): Promise<void> {
  const count = await tabs.count()
  await signIn(await tabs.popupOf(() => clickLogin(tab, options)))
  expect(await outcome(tab)).toMatchObject({ value: { status: 'logged-in', user: { sub: 'alice' } } })
  await expect.poll(() => tabs.count()).toBe(count)
}

/** Opens the page, creates its client and logs in; every page of the app creates its client when it loads from then on. */
export async function startSession(
  tab: Tab,
  tabs: Tabs,
  app: AppServer,
  options: PageClientOptions = {},
): Promise<void> {
  await openApp(tab)
  await createAuth(tab, options)
  await logInByPopup(tab, tabs)
  app.authAtLoad = options
}

/** Opens one more tab of the app; its client is there and knows its state. */
export async function openTab(tabs: Tabs): Promise<Tab> {
  const tab = await tabs.open()
  await openApp(tab)
  await tab.evaluate(async () => void (await window.auth.ready()))
  return tab
}
