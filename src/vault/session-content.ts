import type { Reason } from '../api/state.js'
import type { StoreRecord } from '../api/store.js'
import { isTime } from '../base/is-time.js'
import { decrypt, type Encrypted } from '../browser/storage/decrypt.js'
import type { StoredSession } from './stored-session.js'
import type { SessionView } from './vault.js'
import { withoutPrototype } from '../base/without-prototype.js'

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
  /** Whether the session has a refresh token that was left out, because the store does not respond. */
  isWithheld?: boolean
}

/** Gets the content of a record. */
export function getContent(record: StoreRecord | undefined): Content {
  return withoutPrototype((record?.sealed ?? {}) as Content)
}

/** Gets the generation of a record; 0 if there is none, or one that no later generation could replace. */
export function getGeneration(record: StoreRecord | undefined): number {
  return isTime(record?.generation) ? record.generation : 0
}

/** Decrypts the record of that name. */
export async function decode(name: string, record: StoreRecord | undefined): Promise<Stored> {
  const { text, reason, inDoubt, ...encrypted } = getContent(record)
  const generation = getGeneration(record)
  try {
    if (record?.v === version) {
      const json = encrypted.data ? await decrypt(name, encrypted as Encrypted) : text
      const session: object | null = json ? JSON.parse(json) : null
      if (!session) return { generation, reason, session: null }
      const own = withoutPrototype({ ...session, inDoubt: inDoubt! })
      if (isSession(own)) return { generation, reason, session: own }
    }
  } catch {
    // Encrypted with another key, or damaged: treated as absent, and not removed, because others may be able to read it.
  }
  return { generation, session: null }
}

/** Tells whether a stored value has the fields that the client relies on: anything can have changed a store that is not encrypted. */
function isSession(value: object): value is StoredSession {
  const {
    user,
    scope,
    resources,
    tokens,
    refreshToken = '',
    idToken = '',
    after = 0,
  } = value as StoredSession
  const texts: unknown[] = [scope, refreshToken, idToken, ...resources, ...(user ? [user.sub] : [])]
  return (
    texts.every((text) => typeof text === 'string') &&
    isTime(after) &&
    Object.values(tokens).every(
      (one) => typeof one.accessToken === 'string' && typeof one.expiresAt === 'number',
    )
  )
}

/** Builds the view of a record for the page. */
export function buildView({ generation, session, reason, isWithheld }: Stored): SessionView {
  if (!session) return { generation, session, reason }
  const { refreshToken, idToken: _, ...rest } = session
  return { generation, session: { ...rest, refreshable: !!refreshToken, isWithheld } }
}
