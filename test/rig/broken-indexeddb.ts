import type { Page } from '@playwright/test'

/** How IndexedDB can be broken, by what a user's browser does; each function runs in the page. */
export const brokenIndexedDb: Record<string, () => void> = {
  'is missing': () => {
    Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true })
  },
  'refuses to open at once': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
  },
  'fails while it opens': () => {
    IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('Internal error', 'UnknownError'), onerror: () => {} }
      setTimeout(() => request.onerror())
      return request as unknown as IDBOpenDBRequest
    }
  },
  'never opens': () => {
    IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest
  },
  'loses its connection': () => {
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError')
    }
  },
  'never answers a read': () => {
    IDBObjectStore.prototype.get = () => ({}) as IDBRequest
  },
  'has no space left': () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The quota is exceeded.', 'QuotaExceededError')
    }
  },
}

/**
 * Breaks what a page does with an open IndexedDB, in one of the ways above that need no reload. Returns the function that
 * mends it.
 */
export async function breakIndexedDb(page: Page, name: string): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype
    const { get, put } = IDBObjectStore.prototype
    const mendIndexedDb = () => {
      Object.assign(IDBDatabase.prototype, { transaction })
      Object.assign(IDBObjectStore.prototype, { get, put })
    }
    Object.assign(window, { mendIndexedDb })
  })
  await page.evaluate(brokenIndexedDb[name]!)
  return () => page.evaluate(() => (window as unknown as { mendIndexedDb: () => void }).mendIndexedDb())
}
