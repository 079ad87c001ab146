import { expect, type Page } from '@playwright/test'

const key = 'counted transactions'

declare global {
  interface Window {
    /** Begins a transaction that is not counted. */
    beginUncounted: typeof IDBDatabase.prototype.transaction
  }
}

/** Counts the transactions that pages of one tab begin on IndexedDB. */
export interface TransactionCount {
  /** Expects exactly so many since the last call, once the store has done all of them. The client must have read the store before. */
  expectCount(count: number): Promise<void>
}

/**
 * Counts the transactions on IndexedDB. Call it before the page is opened; the count goes on over reloads and navigations within
 * the origin.
 */
export async function countTransactions(page: Page): Promise<TransactionCount> {
  await page.addInitScript((name) => {
    const begin = (window.beginUncounted = IDBDatabase.prototype.transaction)
    IDBDatabase.prototype.transaction = function (names, mode = 'readonly', options) {
      const counted = JSON.parse(sessionStorage.getItem(name) ?? '[]') as string[]
      sessionStorage.setItem(name, JSON.stringify([...counted, mode]))
      return begin.call(this, names, mode, options)
    }
  }, key)
  /** Gives the modes of the transactions that were begun, once the store has done them. */
  const readSettled = () =>
    page.evaluate(async (name) => {
      const wait = (request: IDBRequest) => new Promise((resolve) => (request.onsuccess = resolve))
      const opening = indexedDB.open('latchkey')
      await wait(opening)
      // Its turn comes after all that was begun before it, and what follows from those has begun when it is done.
      const transaction = window.beginUncounted.call(opening.result, 'records', 'readwrite')
      await wait(transaction.objectStore('records').count())
      opening.result.close()
      return JSON.parse(sessionStorage.getItem(name) ?? '[]') as string[]
    }, key)
  return {
    async expectCount(count) {
      await expect.poll(readSettled).toHaveLength(count)
      expect(await readSettled()).toHaveLength(count)
      await page.evaluate((name) => sessionStorage.removeItem(name), key)
    },
  }
}
