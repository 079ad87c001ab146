import { readWay } from '../base/state-name.js'
import { relayResponse } from '../browser/messages/response-relay.js'
import { awaitsRedirect, findRedirect, saveRedirect } from '../browser/storage/redirect-storage.js'
import { isInLoginWindow } from '../browser/windows/window-name.js'
import type { Transaction } from '../protocol/transaction.js'
import type { AuthError } from '../base/errors.js'
import { checkSurroundings } from '../browser/environment.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'
import type { SessionAccess } from '../vault/session-repository.js'

/** What the start of a session needs from its client. */
export interface StartParts {
  config: Config
  session: Pick<Session, 'start'>
  repository: Pick<SessionAccess, 'load' | 'record'>
  engine: {
    /** Completes the redirect login that `take` returns. Resolves with the error if it fails. */
    finishRedirect(take: () => Arrival | undefined): Promise<AuthError | undefined>
  }
  signal: AbortSignal
}

/** What the session was when a redirect login returned that had to wait for the engine. */
interface SessionAtReturn {
  generation: number
  lastLogout: number
}

/** A redirect login that has returned. It has no `state` if this tab does not know the login. */
export type Arrival = Partial<Transaction & { reply: string; sessionAtReturn: SessionAtReturn }>

/**
 * Passes on a response in the URL of this page, if the app is its own redirect URI, before anything else runs. Returns true if this
 * page has nothing else to do.
 *
 * @param onOrphan called if the response was passed on, but nobody took it
 */
function relayOwnResponse({ redirectUri, windowless }: Config, onOrphan: () => void): boolean {
  const { hash, search, pathname } = location
  if (windowless || new URL(redirectUri).pathname !== pathname) return false
  const parameters = hash.replace('#', '&') + search.replace('?', '&')
  // The app may have parameters of these names too, so the state has to be ours, or a redirect login has to be pending.
  const states = new URLSearchParams(parameters).getAll('state')
  const hasResponse = /&(code|error)=/.test(parameters) && (states.some(readWay) || awaitsRedirect())
  // If this is the window of a login, the server has nothing more to say, even if the response is empty.
  return (isInLoginWindow() || hasResponse) && relayResponse(onOrphan)
}

/**
 * Finds the redirect login of this client that has returned to this tab. With `removes`, it is also removed, so that no other
 * client completes it.
 */
export function findArrival({ issuer, clientId }: Config, removes?: boolean): Arrival | undefined {
  const isOurs = (stored: Arrival) => stored.issuer === issuer && stored.clientId === clientId
  return findRedirect(isOurs, removes)
}

/** Removes the redirect logins of this client that have returned to this tab: another login replaces them. */
export function dropArrivals(config: Config): void {
  while (findArrival(config, true)) continue
}

/** The parts of the repository that show whether the session has changed. */
type SessionReader = Pick<SessionAccess, 'load' | 'record'>

async function readSession({ load, record }: SessionReader): Promise<SessionAtReturn> {
  const { generation } = await load()
  return { generation, lastLogout: record.getLastLogout() }
}

/**
 * Stores the current session in a login that has to wait for the engine, perhaps until a reload. Returns whether it can wait that long.
 */
export async function noteSession(config: Config, repository: SessionReader): Promise<boolean> {
  try {
    const sessionAtReturn = await readSession(repository)
    const arrival = findArrival(config)
    if (!arrival?.reply || arrival.sessionAtReturn) return true
    const noted = { since: sessionAtReturn.generation, ...(arrival as Transaction), sessionAtReturn }
    saveRedirect(noted)
    return true
  } catch {
    // The storage is full.
    return false
  }
}

/** Drops a login that has waited since an earlier page if the user has logged out or in since then, in any tab. */
async function dropOutdated(config: Config, repository: SessionReader): Promise<void> {
  const before = findArrival(config)?.sessionAtReturn
  if (!before) return
  const { generation, lastLogout } = await readSession(repository)
  if (before.generation !== generation || before.lastLogout !== lastLogout) dropArrivals(config)
}

/**
 * Starts the session of a page: passes on a response that the page was loaded with, or completes the redirect login that has returned
 * to it, then reads the stored session.
 */
export function startSession({ config, session, repository, engine, signal }: StartParts): void {
  const never = new Promise<never>(() => {})
  const start = (isOrphaned: boolean) =>
    session.start(async () => {
      checkSurroundings(config.external)
      if (!isOrphaned && relayOwnResponse(config, () => void start(true))) return never
      // React's StrictMode closes the first client immediately, and the second one must get the response.
      await null
      if (signal.aborted) return never
      if (isOrphaned) return engine.finishRedirect(() => ({}))
      await dropOutdated(config, repository)
      if (!findArrival(config)) return undefined
      return engine.finishRedirect(() => (signal.aborted ? undefined : findArrival(config, true)))
    })
  void start(false)
}
