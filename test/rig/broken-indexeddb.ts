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
  'aborts each change': () => {
    for (const name of ['put', 'delete', 'clear'] as const) {
      const change = IDBObjectStore.prototype[name] as (...values: unknown[]) => IDBRequest
      IDBObjectStore.prototype[name] = function (this: IDBObjectStore, ...values: unknown[]) {
        const request = change.apply(this, values)
        this.transaction.abort()
        return request as never
      }
    }
  },
  'refuses each change, and to be deleted': () => {
    const refuse = () => {
      throw new DOMException('An attempt was made to write to a read-only disk.', 'UnknownError')
    }
    Object.assign(IDBObjectStore.prototype, { put: refuse, delete: refuse, clear: refuse })
    IDBFactory.prototype.deleteDatabase = refuse
  },
}

/**
 * Breaks what a page does with an open IndexedDB, in one of the ways above that need no reload. Returns the function that
 * mends it.
 */
export async function breakIndexedDb(page: Page, name: string): Promise<() => Promise<void>> {
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype
    const { get, put, delete: remove, clear } = IDBObjectStore.prototype
    const { deleteDatabase } = IDBFactory.prototype
    const mendIndexedDb = () => {
      Object.assign(IDBDatabase.prototype, { transaction })
      Object.assign(IDBObjectStore.prototype, { get, put, delete: remove, clear })
      Object.assign(IDBFactory.prototype, { deleteDatabase })
    }
    Object.assign(window, { mendIndexedDb })
  })
  await page.evaluate(brokenIndexedDb[name]!)
  return () => page.evaluate(() => (window as unknown as { mendIndexedDb: () => void }).mendIndexedDb())
}
