import type { Page } from '@playwright/test'

/**
 * Counts the transactions on IndexedDB that pages of this tab begin. Call it before the page is opened; the count goes on over
 * reloads and navigations within the origin.
 */
export async function countTransactions(page: Page): Promise<{ take(): Promise<string[]> }> {
  await page.addInitScript(() => {
    const key = 'counted transactions'
    const begin = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = function (names, mode = 'readonly', options) {
      const counted = JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[]
      sessionStorage.setItem(key, JSON.stringify([...counted, mode]))
      return begin.call(this, names, mode, options)
    }
  })
  return {
    /** Gives the modes of the transactions since the last call. */
    take: () =>
      page.evaluate(() => {
        const counted = JSON.parse(sessionStorage.getItem('counted transactions') ?? '[]') as string[]
        sessionStorage.removeItem('counted transactions')
        return counted
      }),
  }
}
