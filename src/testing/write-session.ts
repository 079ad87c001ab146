import { indexedDBStore } from '../browser/storage/indexed-db-store.js'
import { sessionStore } from '../browser/storage/session-store.js'
import { nameSessionRecord, openSessionRecord } from '../vault/session-record.js'
import { openSessionWriter } from '../vault/session-writer.js'
import type { StoredSession } from '../vault/stored-session.js'

/** A session, and where the client looks for it. */
export interface SessionToWrite {
  issuer: string
  clientId: string
  store: 'indexedDB' | 'session'
  storeName: string | undefined
  session: StoredSession
}

/**
 * Writes a session with the code of the client. Runs as a separate script in a page on the origin of the app (see seed-script.ts).
 */
export async function writeSession({
  issuer,
  clientId,
  store: kind,
  storeName: name,
  session,
}: SessionToWrite): Promise<void> {
  if (!isSecureContext) throw new Error(`${origin} is not a secure context: use https: or localhost`)
  const store = kind === 'session' ? sessionStore() : indexedDBStore(name ? { name } : {})
  const record = openSessionRecord(store, nameSessionRecord(issuer, clientId))
  await openSessionWriter(store, record).commit(session)
  store.close?.()
}
