import type { Page } from '@playwright/test'

/** What can become of the records of a session in IndexedDB. */
export type Damage =
  | 'sealed with another key'
  | 'damaged by one bit'
  | 'text instead of sealed bytes'
  | 'no record at all but text'
  | 'of an unknown version'

/** Reads all records of the default store; bytes become numbers. */
export async function readRecords(page: Pick<Page, 'evaluate'>): Promise<Record<string, unknown>> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('latchkey')
      opening.onsuccess = () => resolve(opening.result)
    })
    const records = database.transaction('records').objectStore('records')
    const read = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)))
    const [keys, values] = await Promise.all([read(records.getAllKeys()), read(records.getAll())])
    database.close()
    const plain = (value: unknown): unknown => {
      if (value instanceof ArrayBuffer) return [...new Uint8Array(value)]
      if (value instanceof Uint8Array) return [...value]
      if (value instanceof CryptoKey) return 'CryptoKey'
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
    }
    return Object.fromEntries(keys.map((key, index) => [String(key), plain(values[index])]))
  })
}

/** Removes the records whose name starts so from the default store. */
export async function removeRecords(page: Page, start: string): Promise<void> {
  await changeRecords(page, start, 'remove')
}

/** Makes of the records whose name starts so what a copy through JSON is: an empty object stands where a key was. */
export async function copyThroughJson(page: Page, start: string): Promise<void> {
  await changeRecords(page, start, 'copy')
}

async function changeRecords(page: Page, start: string, how: 'remove' | 'copy'): Promise<void> {
  await page.evaluate(
    async ({ start, how }) => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open('latchkey')
        opening.onsuccess = () => resolve(opening.result)
      })
      await new Promise<void>((resolve) => {
        const transaction = database.transaction('records', 'readwrite')
        const cursors = transaction
          .objectStore('records')
          .openCursor(IDBKeyRange.bound(start, `${start}\uffff`))
        cursors.onsuccess = () => {
          const { result: cursor } = cursors
          if (!cursor) return
          if (how === 'remove') cursor.delete()
          else cursor.update(JSON.parse(JSON.stringify(cursor.value)))
          cursor.continue()
        }
        transaction.oncomplete = () => resolve()
      })
      database.close()
    },
    { start, how },
  )
}

/** Damages the one session in the default store. */
export async function damageSession(page: Page, damage: Damage): Promise<void> {
  await page.evaluate(async (how) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('latchkey')
      opening.onsuccess = () => resolve(opening.result)
    })
    const run = <T>(work: (records: IDBObjectStore) => IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        const transaction = database.transaction('records', 'readwrite')
        const request = work(transaction.objectStore('records'))
        transaction.oncomplete = () => resolve(request.result)
        transaction.onabort = () => reject(transaction.error)
      })
    const keys = await run((records) => records.getAllKeys())
    const name = keys.find((key) => String(key).startsWith('session '))
    if (!name) throw new Error('there is no session to damage')
    const record = await run<{ v: number; sealed: { key: CryptoKey; data: ArrayBuffer } }>((records) =>
      records.get(name),
    )
    if (how === 'sealed with another key')
      record.sealed.key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
      ])
    if (how === 'damaged by one bit') new Uint8Array(record.sealed.data)[0]! ^= 1
    if (how === 'of an unknown version') record.v = 99
    const changed =
      how === 'no record at all but text'
        ? 'garbage'
        : how === 'text instead of sealed bytes'
          ? { ...record, sealed: 'garbage' }
          : record
    await run((records) => records.put(changed, name))
    database.close()
  }, damage)
}
