import type { Reason } from '../api/state.js'
import type { Store, StoreRecord } from '../api/store.js'
import { createSealer, type Sealed } from '../browser/storage/encryption.js'
import type { Session } from './stored-session.js'
import type { SessionView } from './vault.js'

/** What a record held when it was read. */
export interface Stored {
  generation: number
  session: Session | null
  reason?: Reason | undefined
}

/** The one record of a session. */
export interface SessionRecord {
  read(): Promise<Stored>
  /**
   * Writes a session, or a tombstone with the reason, over the generation that was read, or over any. Gives what is
   * stored then; undefined when somebody else has written in between, and nothing is changed.
   *
   * @param since the generation after which no logout may have come, whoever has logged in again after that
   */
  write(
    next: Session | Reason,
    over?: number,
    since?: number,
  ): Promise<(Stored & { before: () => Promise<Stored> }) | undefined>
}

const version = 1

/** What lies in a record. The generation of the last logout stays readable through all sessions that come after it. */
type Content = Partial<Sealed & { text: string; reason: Reason; loggedOut: number }>

/** Names the record of a client's session. */
export function nameSessionRecord(issuer: string, clientId: string): string {
  return `session ${issuer} ${clientId}`
}

/** Opens the record of that name. It is sealed where the store can keep a key. */
export function openSessionRecord(store: Store, name: string): SessionRecord {
  const sealer = createSealer(store)
  const decode = async (record: StoreRecord | undefined): Promise<Stored> => {
    const stored: Stored = { generation: record?.generation ?? 0, session: null }
    const content = record?.sealed as Content | undefined
    try {
      if (record?.v !== version) return stored
      const text = content!.data ? await sealer.open(name, content as Sealed) : content!.text
      return { ...stored, reason: content!.reason, session: text ? JSON.parse(text) : null }
    } catch {
      // Sealed under another key, or damaged: absent, and left where it is for whoever can read it.
      return stored
    }
  }
  return {
    read: async () => decode(await store.get(name)),
    async write(next, over, since) {
      const text = JSON.stringify(next)
      const ended = typeof next === 'string'
      const sealed = ended ? { reason: next } : store.sealed ? await sealer.seal(name, text) : { text }
      let old: StoreRecord | undefined
      let generation = 0
      await store.update(name, (current) => {
        // Tried again after a time-out: our own write has landed, late.
        if (generation && current?.generation === generation) return undefined
        old = current
        const known = current?.generation ?? 0
        const { loggedOut } = (current?.sealed ?? {}) as Content
        const free = (over ?? known) === known && !(loggedOut! > since!)
        // The clock keeps it from starting again at 1 where the store was emptied.
        generation = free ? Math.max(known + 1, Date.now()) : 0
        const content = { ...sealed, loggedOut: next === 'logout' ? generation : loggedOut }
        return generation ? { v: version, generation, sealed: content } : undefined
      })
      if (!generation) return undefined
      const stored = ended ? { session: null, reason: next } : { session: next }
      return { generation, ...stored, before: () => decode(old) }
    },
  }
}

/** Builds what the page may know of a record. */
export function buildView({ generation, session, reason }: Stored): SessionView {
  if (!session) return { generation, session, reason }
  const { refreshToken, idToken: _, ...rest } = session
  return { generation, session: { ...rest, refreshable: !!refreshToken } }
}
