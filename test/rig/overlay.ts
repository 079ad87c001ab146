import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test'
import type { LoginOptions } from '../../src/api/login-options.js'
import { clickLogin, createAuth, openApp, type PageClientOptions } from './app-page.js'

/** The dialog of an overlay. */
export function dialogOf(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Log in' })
}

/** The page in the frame of an overlay. */
export function frameOf(page: Page): FrameLocator {
  return page.frameLocator('latchkey-overlay iframe')
}

/** Opens the app with a client that has the overlay, and clicks `login({ mode: 'overlay' })`. */
export async function openOverlay(
  page: Page,
  options: PageClientOptions = {},
  login: LoginOptions = {},
): Promise<void> {
  await openApp(page)
  await createAuth(page, { overlay: {}, ...options })
  await clickOverlay(page, login)
}

/** Clicks `login({ mode: 'overlay' })`. */
export async function clickOverlay(page: Page, login: LoginOptions = {}): Promise<void> {
  await page.focus('#run')
  await clickLogin(page, { mode: 'overlay', ...login })
}

/** Waits for the sign-in page in the frame. */
export async function waitForSignIn(page: Page): Promise<void> {
  await frameOf(page).getByLabel('User name').waitFor()
}

/** Signs in on the page in the frame. */
export async function signInFramed(page: Page, user = 'alice'): Promise<void> {
  const frame = frameOf(page)
  await frame.getByLabel('User name').fill(user)
  await frame.getByLabel('Password').fill('secret')
  await frame.getByRole('button', { name: 'Sign in' }).click({ noWaitAfter: true })
}

/** Expects the overlay to be gone and the focus to be back on the button that had it. */
export async function expectClosed(page: Page): Promise<void> {
  await expect(page.locator('latchkey-overlay')).toHaveCount(0)
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('run')
}
