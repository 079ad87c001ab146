/** A place in a page and all text that stands there. */
export type PageText = Record<string, string[]>

declare global {
  interface Window {
    /** Raw values for the search, by kind: never described or copied, so that nothing hidden is lost. */
    kept: { errors: unknown[]; events: unknown[]; states: unknown[] }
  }
}

/**
 * Reads all text that stands in a page, place by place. It is sent to the page as it is and may use nothing outside
 * itself: errors and events are walked with all own and hidden properties, bodies are read, bytes are decoded.
 */
export async function readPageText(): Promise<PageText> {
  const text: PageText = {}
  const decode = (bytes: ArrayBufferView | ArrayBuffer) => {
    const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) // prettier-ignore
    return [new TextDecoder().decode(view), new TextDecoder('utf-16le').decode(view)]
  }

  /** Walks a value, whatever it is, and collects its strings. */
  const walk = async (value: unknown, found: string[], seen: Set<object>): Promise<void> => {
    if (typeof value === 'string') return void found.push(value)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return
    // The page itself is searched place by place.
    if (value === window || value instanceof Node) return
    seen.add(value)
    const next = (part: unknown) => walk(part, found, seen)
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) found.push(...decode(value as ArrayBuffer))
    if (
      value instanceof Map ||
      value instanceof URLSearchParams ||
      value instanceof Headers ||
      value instanceof FormData
    )
      for (const [key, part] of value as Map<unknown, unknown>) await Promise.all([next(key), next(part)])
    if (value instanceof Set) for (const part of value) await next(part)
    if (value instanceof Blob) found.push(await value.text())
    if (value instanceof Request || value instanceof Response) {
      found.push(value.url)
      await next(value.headers)
      if (!value.bodyUsed) found.push(await value.clone().text())
    }
    if (value instanceof URL) found.push(value.href)
    if (value instanceof Error || value instanceof DOMException) {
      const { name, message, stack, cause } = value as Error
      for (const part of [name, message, stack, cause]) await next(part)
    }
    if (value instanceof AbortSignal) await next(value.reason)
    for (const key of Reflect.ownKeys(value)) {
      await next(typeof key === 'symbol' ? key.description : key)
      const { get, value: part } = Reflect.getOwnPropertyDescriptor(value, key)!
      await next(get ? Reflect.get(value, key) : part)
    }
  }
  const put = async (place: string, ...values: unknown[]) => {
    text[place] ??= []
    for (const value of values) await walk(value, text[place], new Set())
  }

  const readDatabase = async (name: string): Promise<unknown[]> => {
    const request = indexedDB.open(name)
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error as Error)
    })
    const found: unknown[] = []
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName)
      for (const all of [store.getAll(), store.getAllKeys()])
        found.push(await new Promise((resolve) => (all.onsuccess = () => resolve(all.result))))
    }
    database.close()
    return found
  }
  const readCache = async (name: string): Promise<unknown[]> => {
    const cache = await caches.open(name)
    const requests = await cache.keys()
    return [requests, await Promise.all(requests.map((request) => cache.match(request)))]
  }

  const { errors = [], events = [], states = [] } = window.kept ?? {}
  const entries = 'navigation' in window ? (window.navigation as { entries(): { url: string; getState(): unknown }[] }).entries() : [] // prettier-ignore
  await put('URL', location.href)
  await put(
    'history',
    entries.map((entry) => [entry.url, entry.getState()]),
    history.state,
  )
  await put('errors', errors)
  await put('events', events)
  await put('states', states, window.auth?.getState(), window.auth?.getUser())
  await put('window.name', window.name)
  await put('document', document.documentElement.outerHTML, document.title, document.referrer)
  await put('cookies', document.cookie)
  await put('localStorage', Object.entries(localStorage))
  await put('sessionStorage', Object.entries(sessionStorage))
  for (const name of await caches.keys()) await put('caches', name, await readCache(name))
  for (const { name } of await indexedDB.databases()) await put('IndexedDB', name, await readDatabase(name!))
  return text
}
