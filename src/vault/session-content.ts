import type { Reason } from '../api/state.js'
import type { StoreRecord } from '../api/store.js'
import { decrypt, type Encrypted } from '../browser/storage/decrypt.js'
import type { StoredSession } from './stored-session.js'
import type { SessionView } from './vault.js'

/** The version of the format. A record with another version is treated as absent. */
export const version = 1

/** The content of a record, encrypted or as text. */
export interface Content extends Partial<Encrypted> {
  text?: string
  reason?: Reason
  /** The generation of the last logout. It stays readable through all later sessions. */
  loggedOut?: number | undefined
  /** Part of the session, but not encrypted with it: it is set without the key. */
  inDoubt?: boolean | undefined
}

/** What a record stores, decrypted. */
export interface Stored {
  generation: number
  session: StoredSession | null
  reason?: Reason | undefined
}

/** Gets the content of a record. */
export function getContent(record: StoreRecord | undefined): Content {
  return (record?.sealed ?? {}) as Content
}

/** Decrypts the record of that name. */
export async function decode(name: string, record: StoreRecord | undefined): Promise<Stored> {
  const { text, reason, inDoubt, ...encrypted } = getContent(record)
  const generation = record?.generation ?? 0
  try {
    if (record?.v === version) {
      const json = encrypted.data ? await decrypt(name, encrypted as Encrypted) : text
      const session = json ? { ...JSON.parse(json), inDoubt } : null
      return { generation, reason, session }
    }
  } catch {
    // Encrypted with another key, or damaged: treated as absent, and not removed, because others may be able to read it.
  }
  return { generation, session: null }
}

/** Builds the view of a record for the page. */
export function buildView({ generation, session, reason }: Stored): SessionView {
  if (!session) return { generation, session, reason }
  const { refreshToken, idToken: _, ...rest } = session
  return { generation, session: { ...rest, refreshable: !!refreshToken } }
}
