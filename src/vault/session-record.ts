import type { Reason } from '../api/state.js'
import type { Store, StoreRecord } from '../api/store.js'
import { isTime } from '../base/is-time.js'
import { storeLastLogout, readLastLogout } from '../browser/storage/last-logout.js'
import { decode, getContent, getGeneration, version, type Content, type Stored } from './session-content.js'

/** What is left of a session that was ended. */
export interface Ended extends Stored {
  /** Reads what was stored before. */
  readBefore(): Promise<Stored>
  /** Whether the store neither accepted the end nor removed what it held. */
  isUnstored: boolean
}

/** The conditions of a change. If one does not hold, nothing is changed. */
export interface CommitConditions {
  /** Only over this generation: nobody has written since it was read. */
  ifGeneration?: number | undefined
  /** Only if no logout came after this generation, even if somebody has logged in since. */
  noLogoutAfter?: number | undefined
}

/** Builds the next content of a record. */
export type BuildContent = (old: Content, generation: number) => Content

/**
 * The one record of a session. A change that the store does not accept is kept in memory. The operations that only the engine needs
 * are in session-writer.ts.
 */
export interface SessionRecord {
  name: string
  /**
   * Reads the session. First stores what could not be stored before, unless somebody else has written since. While the store fails,
   * this returns what was read last, without the refresh token, which other tabs have as well.
   *
   * @param loggedOut when the user logged out in another tab
   */
  read(loggedOut?: number): Promise<Stored>
  /** Reads what the store held when it last answered. */
  readLast(): Promise<Stored>
  /**
   * Replaces the record in one transaction. Undefined if a condition did not hold.
   *
   * @param buildForMemory builds what is kept if the store does not accept the change; undefined keeps nothing
   */
  replace(
    build: BuildContent,
    buildForMemory: () => Promise<BuildContent | undefined>,
    conditions?: CommitConditions,
  ): Promise<Replaced | undefined>
  /** Ends the session, and keeps the reason. Undefined if the condition did not hold. */
  end(reason: Reason, conditions?: Pick<CommitConditions, 'ifGeneration'>): Promise<Ended | undefined>
  /** Notes that the user logs out now, outside the store. `isStored`: whether a reload finds the note. */
  noteLogout(): { at: number; isStored: boolean }
  /** Gets the time of the last logout. */
  getLastLogout(): number
}

/** A change that was made. */
interface Replaced {
  old: StoreRecord | undefined
  record: StoreRecord
  isUnstored: boolean
}

/** Names the record of a client's session. */
export function nameSessionRecord(issuer: string, clientId: string): string {
  return `session ${issuer} ${clientId}`
}

/**
 * Opens the record of that name.
 *
 * @param onFailure called when the store starts to fail
 */
export function openSessionRecord(
  store: Store,
  name: string,
  onFailure: (message: string) => void = () => {},
): SessionRecord {
  /** What the store held when it last answered. */
  let stored: StoreRecord | undefined
  /** What it did not accept. */
  let pending: StoreRecord | undefined
  let hasAnswered = false
  let isFailing = false
  /** The time of the last logout that another tab announced. */
  let announced = 0

  const succeed = (record: StoreRecord | undefined) => {
    stored = record
    hasAnswered = true
  }
  const fail = (error: unknown) => {
    // A transaction that the browser aborts has no error.
    if (!isFailing) onFailure(`${error ?? 'the change was aborted'}`)
    isFailing = true
  }
  const getLastLogout = () => Math.max(announced, readLastLogout(name))

  /** Reads the current record. Stores what could not be stored before. */
  const readRecord = async (): Promise<{ record: StoreRecord | undefined; isStale: boolean }> => {
    try {
      let record = await store.get(name)
      hasAnswered = true
      const waiting = pending
      if (waiting && waiting.generation > getGeneration(record)) {
        await store.update(name, (current) => {
          const isNewer = waiting.generation > getGeneration(current)
          record = isNewer ? waiting : current
          return isNewer ? waiting : undefined
        })
        isFailing = false
      }
      if (pending === waiting) pending = undefined
      succeed(record)
      return { record: pending ?? record, isStale: false }
    } catch (error) {
      fail(error)
      return { record: pending ?? stored, isStale: !pending }
    }
  }

  const read = async (loggedOut = 0): Promise<Stored> => {
    if (isTime(loggedOut)) announced = Math.max(announced, loggedOut)
    const { record, isStale } = await readRecord()
    const current = await decode(name, record)
    if (!record && getLastLogout()) current.reason = 'logout'
    if (!current.session) return current
    if (current.session.after! < getLastLogout())
      return (
        (await end('logout', { ifGeneration: current.generation })) ??
        decode(name, (await readRecord()).record)
      )
    if (isStale) {
      current.isWithheld = !!current.session.refreshToken
      current.session.refreshToken = undefined
    }
    return current
  }

  /** Removes what cannot be overwritten. */
  const erase = async (): Promise<boolean> => {
    try {
      await (store.remove?.(name) ?? store.clear()).catch(() => store.clear())
      stored = undefined
      return true
    } catch {
      return false
    }
  }

  const replace = async (
    build: BuildContent,
    buildForMemory: () => Promise<BuildContent | undefined>,
    { ifGeneration, noLogoutAfter = Infinity }: CommitConditions = {},
  ) => {
    if (pending) await readRecord()
    const change: { old?: StoreRecord | undefined; record?: StoreRecord | undefined } = {}
    const apply = (current: StoreRecord | undefined, buildContent: BuildContent) => {
      const last = getGeneration(current)
      // This is the second attempt after a timeout, but the first one was stored after all.
      if (last === change.record?.generation) return undefined
      const content = getContent(current)
      const isCurrent = ifGeneration === undefined || ifGeneration === last
      const isFree = isCurrent && (isTime(content.loggedOut) ? content.loggedOut : 0) <= noLogoutAfter
      // Taken from the clock, so that it does not start at 1 again after the store was cleared.
      const generation = Math.max(last + 1, Date.now())
      change.old = current
      change.record = isFree
        ? { v: version, generation, sealed: buildContent(content, generation) }
        : undefined
      return change.record
    }

    let isUnstored = !!pending
    if (!isUnstored) {
      try {
        await store.update(name, (current) => (isUnstored ? undefined : apply(current, build)))
        isFailing = false
        if (change.record) succeed(change.record)
      } catch (error) {
        isUnstored = true
        fail(error)
      }
    }
    if (isUnstored) {
      const inMemory = pending ? build : await buildForMemory()
      change.record = undefined
      if (inMemory) pending = apply(pending ?? stored, inMemory) ?? pending
    }
    const { old, record } = change
    return record && { old, record, isUnstored }
  }

  const end: SessionRecord['end'] = async (reason, conditions) => {
    const isLogout = reason === 'logout'
    const build: BuildContent = ({ loggedOut }, generation) => ({
      reason,
      loggedOut: isLogout ? generation : loggedOut,
    })
    const replaced = await replace(build, async () => build, conditions)
    if (!replaced) return undefined
    const { old, record } = replaced
    let { isUnstored } = replaced
    if (isUnstored && reason === 'session_lost') {
      // The session of the store can still be valid.
      stored = record
      pending = undefined
    }
    if (isUnstored && isLogout) isUnstored = !(await erase()) && hasAnswered
    const { generation } = record
    return { generation, session: null, reason, readBefore: () => decode(name, old), isUnstored }
  }

  return {
    name,
    read,
    readLast: () => decode(name, stored),
    replace,
    end,
    getLastLogout,
    noteLogout() {
      // Later than the last one, even if the clock was changed.
      const at = Math.max(Date.now(), getLastLogout() + 1)
      announced = at
      return { at, isStored: storeLastLogout(name, at) }
    },
  }
}
