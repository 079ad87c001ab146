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
