import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import type { SessionCheck } from '../../src/session-watch.js'

type Watching = { checks: SessionCheck[]; stopWatching: () => void }

/** Starts to watch the session of the page. */
export async function watchSession(page: Page): Promise<void> {
  await page.evaluate(() => {
    const checks: SessionCheck[] = []
    const onCheck = (check: SessionCheck) => void checks.push(window.describe(check) as SessionCheck)
    Object.assign(window, { checks, stopWatching: window.latchkey.watchSession(window.auth, { onCheck }) })
  })
}

/** Waits for so many checks, and returns the last one. */
export async function waitForCheck(page: Page, count: number): Promise<SessionCheck> {
  const read = () => page.evaluate(() => (window as unknown as Watching).checks)
  await expect.poll(async () => (await read()).length).toBe(count)
  return (await read()).at(-1)!
}

/** Gives the page the focus. */
export async function focus(page: Page): Promise<void> {
  await page.evaluate(() => void dispatchEvent(new Event('focus')))
}

/** Stops to watch. */
export async function stopWatching(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as Watching).stopWatching())
}
