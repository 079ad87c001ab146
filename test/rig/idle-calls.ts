import type { BrowserContext, Page } from '@playwright/test'
import { openApp, state } from './app-page.js'
import { expect, type AppServer } from './fixtures.js'
import { expectState, startSession } from './token-calls.js'

export const minute = 60_000
/** When the tests of `latchkey/idle` log out idle users. */
export const after = 15 * minute
/** The state after a logout for idleness. */
export const loggedOut = { status: 'logged-out', reason: 'logout' } as const

/** Opens a session in a page whose clock the test drives. */
export async function startDrivenSession(
  page: Page,
  app: AppServer,
  context: BrowserContext,
  options = {},
): Promise<void> {
  await context.clock.install()
  await startSession(page, app, options)
}

/** Leaves a time of activity behind, as by a session that ended while no page was open. */
export function leaveActivity(page: Page, minutesFromNow: number): Promise<void> {
  return page.evaluate(
    (offset) => localStorage.setItem('latchkey activity', `${Date.now() + offset}`),
    minutesFromNow * minute,
  )
}

/** Opens the page again, and waits for its session. */
export async function comeBack(page: Page): Promise<void> {
  await openApp(page)
  await page.evaluate(() => window.auth.ready())
}

/** Expects that the user is logged out 15 minutes from now, and no minute earlier. */
export async function expectLogoutInTime(page: Page, context: BrowserContext): Promise<void> {
  await context.clock.fastForward(after - minute)
  expect(await state(page)).toMatchObject({ status: 'logged-in' })
  await context.clock.fastForward(2 * minute)
  await expectState(page, loggedOut)
}
