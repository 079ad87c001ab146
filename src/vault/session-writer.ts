import type { Store } from '../api/store.js'
import { encrypt } from '../browser/storage/encrypt.js'
import type { Stored } from './session-content.js'
import type { BuildContent, CommitConditions, SessionRecord } from './session-record.js'
import { buildStoreError } from './store-error.js'
import type { StoredSession } from './stored-session.js'

/** Writes sessions to their record. Both calls return what is stored afterwards, or undefined if a condition did not hold. */
export interface SessionWriter {
  /** Stores a session, encrypted if the store can hold a key. */
  commit(session: StoredSession, conditions?: CommitConditions): Promise<Stored | undefined>
  /**
   * Marks the refresh token as sent (`inDoubt`), if the record is still the one that was read: one transaction, which neither
   * encrypts nor decrypts anything. Rejects with `vault_unavailable` if the store does not accept it, because the other tabs would not
   * see the mark.
   */
  mark(read: Stored): Promise<Stored | undefined>
}

/** Opens the writer of a record in a store. */
export function openSessionWriter(store: Store, record: SessionRecord): SessionWriter {
  const { name, replace, getLastLogout } = record
  const encode = async ({ inDoubt, ...session }: StoredSession): Promise<BuildContent> => {
    const text = JSON.stringify(session)
    const content = store.sealed ? await encrypt(name, text) : { text }
    return ({ loggedOut }) => ({ ...content, loggedOut, inDoubt })
  }
  return {
    async commit(newSession, conditions) {
      // A renewed session already has the time of the last logout before its login.
      let session = { after: getLastLogout(), ...newSession }
      const buildForMemory = async () => {
        const last = (await record.readLast()).session
        if (session.refreshToken !== last?.refreshToken) return encode(session)
        // It was marked and sent, and the server did not replace it: with the mark, it stays in the store.
        if (last?.inDoubt) return undefined
        // Other tabs have the refresh token as well, so this page must not use it in parallel.
        session = { ...session, refreshToken: undefined }
        return encode(session)
      }
      const replaced = await replace(await encode(session), buildForMemory, conditions)
      return replaced && { generation: replaced.record.generation, session }
    },
    async mark({ generation, session }) {
      // The user has logged out in another tab, but the store does not contain that logout.
      if (session!.after! < getLastLogout()) return undefined
      const build: BuildContent = (old) => ({ ...old, inDoubt: true })
      // Not only in memory: other tabs have the refresh token as well, and would not see the mark.
      const refuse = async () => {
        throw buildStoreError()
      }
      const replaced = await replace(build, refuse, { ifGeneration: generation })
      return replaced && { generation: replaced.record.generation, session: { ...session!, inDoubt: true } }
    },
  }
}
