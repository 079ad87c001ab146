import type { Page } from '@playwright/test'
import type { Outcome } from './app-page.js'

/** Calls `getIdToken` in the page and waits for its end. */
export async function getIdToken(page: Page): Promise<Outcome<string>> {
  return (await getIdTokens(page, 1))[0]!
}

/** Calls `getIdToken` so many times at once in the page. */
export async function getIdTokens(page: Page, count: number): Promise<Outcome<string>[]> {
  return page.evaluate(async (calls) => {
    const call = () =>
      window.latchkey.getIdToken(window.auth).then(
        (value) => ({ value, after: 0 }),
        (error: unknown) => ({ error: window.describe(error) as Outcome['error'] & {}, after: 0 }),
      )
    return Promise.all(Array.from({ length: calls }, call))
  }, count)
}
