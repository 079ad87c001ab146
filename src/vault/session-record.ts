import type { Reason } from '../api/state.js'
import type { Store, StoreRecord } from '../api/store.js'
import { keepLastLogout, readLastLogout } from '../browser/storage/last-logout.js'
import { seal, unseal, type Sealed } from '../browser/storage/encryption.js'
import type { Session } from './stored-session.js'
import type { SessionView } from './vault.js'

/** What a record held when it was read. */
export interface Stored {
  generation: number
  session: Session | null
  reason?: Reason | undefined
}

/** What was written, and what was there before. */
export interface Written extends Stored {
  before(): Promise<Stored>
  /** Whether the store neither took it nor let go of what it held. */
  isUnstored: boolean
}

/** The one record of a session. */
export interface SessionRecord {
  /**
   * Reads the session. What could not be stored is stored first, unless somebody else has written since. As long as the store
   * fails it is what was read last, without the refresh token that other tabs hold as well.
   *
   * @param loggedOut when the user has logged out in another tab
   */
  read(loggedOut?: number): Promise<Stored>
  /**
   * Writes a session, or a tombstone with the reason, over the generation that was read, or over any. Gives what is
   * stored then; undefined when somebody else has written in between, and nothing is changed. What the store does not take is
   * kept in memory.
   *
   * @param since the generation after which no logout may have come, whoever has logged in again after that
   */
  write(next: Session | Reason, over?: number, since?: number): Promise<Written | undefined>
  /** Notes that the user logs out now, outside the store; `isKept`: where a reload finds it. */
  noteLogout(): { at: number; isKept: boolean }
}

const version = 1

/** What a record holds. The generation of the last logout stays readable through all sessions that come after it. */
type Content = Partial<Sealed & { text: string; reason: Reason; loggedOut: number }>

/** Names the record of a client's session. */
export function nameSessionRecord(issuer: string, clientId: string): string {
  return `session ${issuer} ${clientId}`
}

/**
 * Opens the record of that name. It is sealed where the store can keep a key.
 *
 * @param onFailure called when the store begins to fail
 */
export function openSessionRecord(
  store: Store,
  name: string,
  onFailure: (message: string) => void = () => {},
): SessionRecord {
  /** What the store held when it last answered. */
  let stored: StoreRecord | undefined
  /** What it did not take. */
  let unstored: StoreRecord | undefined
  let hasAnswered = false
  let isFailing = false
  let heard = 0

  const succeed = (record: StoreRecord | undefined) => {
    stored = record
    hasAnswered = true
  }
  const fail = (error: unknown) => {
    // A transaction that the browser aborts has no error.
    if (!isFailing) onFailure(`${error ?? 'the change was aborted'}`)
    isFailing = true
  }
  const getContent = (record: StoreRecord | undefined) => (record?.sealed ?? {}) as Content
  const getLastLogout = () => Math.max(heard, readLastLogout(name))
  const encode = async (session: Session) => {
    // A renewed session has its own.
    const text = JSON.stringify({ after: getLastLogout(), ...session })
    return store.sealed ? seal(name, text) : { text }
  }
  const decode = async (record: StoreRecord | undefined): Promise<Stored> => {
    const content = getContent(record)
    const found: Stored = { generation: record?.generation ?? 0, session: null }
    try {
      if (record?.v !== version) return found
      const text = content.data ? await unseal(name, content as Sealed) : content.text
      return { ...found, reason: content.reason, session: text ? JSON.parse(text) : null }
    } catch {
      // Sealed under another key, or damaged: absent, and left where it is for whoever can read it.
      return found
    }
  }

  /** Reads the record that counts; stores what could not be stored before. */
  const look = async (): Promise<{ record: StoreRecord | undefined; isStale: boolean }> => {
    try {
      let record = await store.get(name)
      hasAnswered = true
      const waiting = unstored
      if (waiting && waiting.generation > (record?.generation ?? 0)) {
        await store.update(name, (current) => {
          const isNewer = waiting.generation > (current?.generation ?? 0)
          record = isNewer ? waiting : current
          return isNewer ? waiting : undefined
        })
        isFailing = false
      }
      if (unstored === waiting) unstored = undefined
      succeed(record)
      return { record: unstored ?? record, isStale: false }
    } catch (error) {
      fail(error)
      return { record: unstored ?? stored, isStale: !unstored }
    }
  }

  const read = async (loggedOut = 0): Promise<Stored> => {
    heard = Math.max(heard, loggedOut)
    const { record, isStale } = await look()
    const found = await decode(record)
    if (!record && getLastLogout()) found.reason = 'logout'
    if (!found.session) return found
    if (found.session.after! < getLastLogout())
      return (await write('logout', found.generation)) ?? decode((await look()).record)
    if (isStale) found.session.refreshToken = undefined
    return found
  }

  /** Removes what cannot be written over. */
  const erase = async (): Promise<boolean> => {
    try {
      await (store.remove?.(name) ?? store.clear()).catch(() => store.clear())
      stored = undefined
      return true
    } catch {
      return false
    }
  }

  const write = async (
    next: Session | Reason,
    over?: number,
    since?: number,
  ): Promise<Written | undefined> => {
    if (unstored) await look()
    let sealed: Content = typeof next === 'string' ? { reason: next } : await encode(next)
    let old: StoreRecord | undefined
    let written: StoreRecord | undefined
    const change = (current: StoreRecord | undefined) => {
      // Tried again after a time-out: our own write has landed, late.
      if (written && current?.generation === written.generation) return undefined
      old = current
      const known = current?.generation ?? 0
      const { loggedOut = 0 } = getContent(current)
      const isFree = (over ?? known) === known && !(loggedOut > since!)
      // The clock keeps it from starting again at 1 where the store was emptied.
      const generation = Math.max(known + 1, Date.now())
      const content: Content = { ...sealed, loggedOut: next === 'logout' ? generation : loggedOut }
      written = isFree ? { v: version, generation, sealed: content } : undefined
      return written
    }

    let isUnstored = !!unstored
    if (!isUnstored) {
      try {
        await store.update(name, (current) => (isUnstored ? undefined : change(current)))
        isFailing = false
        if (written) succeed(written)
      } catch (error) {
        isUnstored = true
        fail(error)
      }
    }
    if (isUnstored) {
      const held = unstored ? null : (await decode(stored)).session
      if (typeof next === 'object' && next.refreshToken && next.refreshToken === held?.refreshToken) {
        // Other tabs hold it as well: it is not to be sent without the mark that they can see, nor used beside them.
        if (next.inDoubt) return undefined
        sealed = await encode({ ...next, refreshToken: undefined })
      }
      written = undefined
      change(unstored ?? stored)
      // What is lost here can be alive in the store.
      if (next === 'session_lost' && written) [stored, unstored] = [written, undefined]
      else if (written) unstored = written
      if (next === 'logout' && written) isUnstored = !(await erase()) && hasAnswered
    }
    if (!written) return undefined
    const { generation } = written
    const result = typeof next === 'string' ? { session: null, reason: next } : { session: next }
    return { generation, ...result, before: () => decode(old), isUnstored }
  }

  return {
    read,
    write,
    noteLogout() {
      // Later than the last one by any clock.
      const at = Math.max(Date.now(), getLastLogout() + 1)
      heard = at
      return { at, isKept: keepLastLogout(name, at) }
    },
  }
}

/** Builds what the page may know of a record. */
export function buildView({ generation, session, reason }: Stored): SessionView {
  if (!session) return { generation, session, reason }
  const { refreshToken, idToken: _, ...rest } = session
  return { generation, session: { ...rest, refreshable: !!refreshToken } }
}
