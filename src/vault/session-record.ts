import type { Reason } from '../api/state.js'
import type { Store, StoreRecord } from '../api/store.js'
import { keepLastLogout, readLastLogout } from '../browser/storage/last-logout.js'
import { decrypt, encrypt, type Encrypted } from '../browser/storage/encryption.js'
import type { StoredSession } from './stored-session.js'
import type { SessionView } from './vault.js'

/** What a record holds. */
export interface Stored {
  generation: number
  session: StoredSession | null
  reason?: Reason | undefined
}

/** What is left of a session that was ended. */
export interface Ended extends Stored {
  /** Reads what was stored before. */
  readBefore(): Promise<Stored>
  /** Whether the store neither took the end nor let go of what it held. */
  isUnstored: boolean
}

/** When a change is made; otherwise nothing is changed. */
export interface CommitConditions {
  /** Only over this generation: nobody else has written since it was read. */
  ifGeneration?: number | undefined
  /** Only where no logout came after this generation, whoever has logged in again since. */
  noLogoutAfter?: number | undefined
}

/**
 * The one record of a session. A change gives what is stored afterwards, or undefined where a condition did not hold. A change that
 * the store does not take is kept in memory.
 */
export interface SessionRecord {
  /**
   * Reads the session. What could not be stored is stored first, unless somebody else has written since. As long as the store
   * fails it is what was read last, without the refresh token that other tabs hold as well.
   *
   * @param loggedOut when the user has logged out in another tab
   */
  read(loggedOut?: number): Promise<Stored>
  /** Stores a session. */
  commit(session: StoredSession, conditions?: CommitConditions): Promise<Stored | undefined>
  /**
   * Marks the refresh token as sent (`inDoubt`), where the record is still the one that was read: one transaction, which neither
   * encrypts nor decrypts anything. Undefined also where the other tabs would not see the mark.
   */
  mark(read: Stored): Promise<Stored | undefined>
  /** Ends the session, and keeps the reason. */
  end(reason: Reason, conditions?: Pick<CommitConditions, 'ifGeneration'>): Promise<Ended | undefined>
  /** Notes that the user logs out now, outside the store; `isKept`: where a reload finds it. */
  noteLogout(): { at: number; isKept: boolean }
}

const version = 1

/** What a record holds, encrypted or as text. */
interface Content extends Partial<Encrypted> {
  text?: string
  reason?: Reason
  /** The generation of the last logout, which stays readable through all sessions that come after it. */
  loggedOut?: number | undefined
  /** Of the session, and not encrypted with it: it is set without the key. */
  inDoubt?: boolean | undefined
}

/** Builds what a record holds next. */
type BuildContent = (old: Content, generation: number) => Content

/** Names the record of a client's session. */
export function nameSessionRecord(issuer: string, clientId: string): string {
  return `session ${issuer} ${clientId}`
}

/**
 * Opens the record of that name. It is encrypted where the store can keep a key.
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
  const encode = async ({ inDoubt, ...session }: StoredSession): Promise<BuildContent> => {
    const text = JSON.stringify(session)
    const content = store.sealed ? await encrypt(name, text) : { text }
    return ({ loggedOut }) => ({ ...content, loggedOut, inDoubt })
  }
  const decode = async (record: StoreRecord | undefined): Promise<Stored> => {
    const content = getContent(record)
    const found: Stored = { generation: record?.generation ?? 0, session: null }
    try {
      if (record?.v !== version) return found
      const text = content.data ? await decrypt(name, content as Encrypted) : content.text
      const { reason, inDoubt } = content
      const session = text ? { ...JSON.parse(text), ...(inDoubt !== undefined && { inDoubt }) } : null
      return { ...found, reason, session }
    } catch {
      // Encrypted with another key, or damaged: absent, and left where it is for whoever can read it.
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
      return (await end('logout', { ifGeneration: found.generation })) ?? decode((await look()).record)
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

  /**
   * Replaces the record in one transaction, where the conditions hold.
   *
   * @param buildForMemory builds what is kept where the store does not take it; undefined keeps nothing
   */
  const replace = async (
    build: BuildContent,
    buildForMemory: () => Promise<BuildContent | undefined>,
    { ifGeneration, noLogoutAfter = Infinity }: CommitConditions = {},
  ) => {
    if (unstored) await look()
    const done: { old?: StoreRecord | undefined; written?: StoreRecord | undefined } = {}
    const change = (current: StoreRecord | undefined, buildContent: BuildContent) => {
      const known = current?.generation ?? 0
      // Tried again after a time-out: our own write has landed, late.
      if (known === done.written?.generation) return undefined
      const content = getContent(current)
      const isCurrent = ifGeneration === undefined || ifGeneration === known
      const isFree = isCurrent && (content.loggedOut ?? 0) <= noLogoutAfter
      // The clock keeps it from starting again at 1 where the store was emptied.
      const generation = Math.max(known + 1, Date.now())
      done.old = current
      done.written = isFree
        ? { v: version, generation, sealed: buildContent(content, generation) }
        : undefined
      return done.written
    }

    let isUnstored = !!unstored
    if (!isUnstored) {
      try {
        await store.update(name, (current) => (isUnstored ? undefined : change(current, build)))
        isFailing = false
        if (done.written) succeed(done.written)
      } catch (error) {
        isUnstored = true
        fail(error)
      }
    }
    if (isUnstored) {
      const inMemory = unstored ? build : await buildForMemory()
      done.written = undefined
      if (inMemory) unstored = change(unstored ?? stored, inMemory) ?? unstored
    }
    const { old, written } = done
    return written && { old, written, isUnstored }
  }

  const commit: SessionRecord['commit'] = async (given, conditions) => {
    // A renewed session has its own.
    let session = { after: getLastLogout(), ...given }
    const buildForMemory = async () => {
      // Other tabs hold the refresh token as well: it is not used beside them.
      if (session.refreshToken === (await decode(stored)).session?.refreshToken)
        session = { ...session, refreshToken: undefined }
      return encode(session)
    }
    const replaced = await replace(await encode(session), buildForMemory, conditions)
    return replaced && { generation: replaced.written.generation, session }
  }

  const mark: SessionRecord['mark'] = async ({ generation, session }) => {
    // The user has logged out in another tab, and the store does not know.
    if (session!.after! < getLastLogout()) return undefined
    const build: BuildContent = (old) => ({ ...old, inDoubt: true })
    // Not in memory alone: other tabs hold the refresh token as well, and would not see the mark.
    const replaced = await replace(build, async () => undefined, { ifGeneration: generation })
    return replaced && { generation: replaced.written.generation, session: { ...session!, inDoubt: true } }
  }

  const end: SessionRecord['end'] = async (reason, conditions) => {
    const isLogout = reason === 'logout'
    const build: BuildContent = ({ loggedOut }, generation) => ({
      reason,
      loggedOut: isLogout ? generation : loggedOut,
    })
    const replaced = await replace(build, async () => build, conditions)
    if (!replaced) return undefined
    const { old, written } = replaced
    let { isUnstored } = replaced
    if (isUnstored && reason === 'session_lost') {
      // What is lost here can be alive in the store.
      stored = written
      unstored = undefined
    }
    if (isUnstored && isLogout) isUnstored = !(await erase()) && hasAnswered
    const { generation } = written
    return { generation, session: null, reason, readBefore: () => decode(old), isUnstored }
  }

  return {
    read,
    commit,
    mark,
    end,
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
