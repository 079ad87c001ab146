import type { Store } from '../api/store.js'
import { nameSessionRecord, openSessionRecord } from './session-record.js'

/** The start of the names of all sessions, before the issuer and the client ID. A constant there would cost every app its bytes. */
const sessionPrefix = nameSessionRecord('', '').trimEnd() + ' '

/** A session of the server, as a front-channel logout names it. */
export interface ServerSession {
  iss: string
  sid: string
}

/**
 * Reads which session a front-channel logout is about from its query; undefined if it does not say so exactly once. Without both, any
 * site that frames the page could log the user out.
 */
export function parseFrontChannelLogout(query: URLSearchParams): ServerSession | undefined {
  const [[iss, ...more], [sid, ...others]] = [query.getAll('iss'), query.getAll('sid')]
  return iss && sid && !more.length && !others.length ? { iss, sid } : undefined
}

/**
 * Ends all sessions of a store that the server's session started, as a logout in another tab does. `announce` tells the tabs of a
 * client when the user logged out; `client` is its issuer and client ID, with a space between them. Returns how many sessions ended.
 */
export async function endSessions(
  store: Store,
  keys: string[],
  { iss, sid }: ServerSession,
  announce: (client: string, at: number) => void,
): Promise<number> {
  const endSession = async (name: string): Promise<boolean> => {
    const record = openSessionRecord(store, name)
    for (;;) {
      const { generation, session } = await record.read()
      // Exactly: the claims of the ID token that the session was started with, or renewed with.
      if (session?.user?.iss !== iss || session.user['sid'] !== sid) return false
      // A tab may have renewed the session since it was read.
      if (!(await record.end('logout', { ifGeneration: generation }))) continue
      announce(name.slice(sessionPrefix.length), record.noteLogout().at)
      return true
    }
  }
  const ended = await Promise.all(keys.filter((key) => key.startsWith(sessionPrefix)).map(endSession))
  return ended.filter(Boolean).length
}
