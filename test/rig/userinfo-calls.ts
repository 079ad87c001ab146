import type { Page } from '@playwright/test'
import type { UserInfo } from '../../src/userinfo.js'
import type { Outcome } from './app-page.js'

/** Calls `getUserInfo` in the page and waits for its end. */
export async function getUserInfo(page: Page): Promise<Outcome<UserInfo>> {
  return page.evaluate(() =>
    window.latchkey.getUserInfo(window.auth).then(
      (value) => ({ value, after: 0 }),
      (error: unknown) => ({ error: window.describe(error) as Outcome['error'] & {}, after: 0 }),
    ),
  )
}
