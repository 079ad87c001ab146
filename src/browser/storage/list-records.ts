import { createStore, keys } from 'idb-keyval'

/** Lists the keys of all records of an `indexedDBStore()` of that name. Does not create the database if there is none. */
export async function listRecords(database: string): Promise<string[]> {
  const databases = await indexedDB.databases()
  if (!databases.some(({ name }) => name === database)) return []
  return keys<string>(createStore(database, 'records'))
}
