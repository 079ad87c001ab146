import { isTime } from '../../base/is-time.js'

/** The prefix of the key of the last logout. The name of the session's record follows. */
const prefix = 'latchkey end of '

/** Where it is stored: for all tabs, or at least for a reload. */
const places = ['localStorage', 'sessionStorage'] as const

/** Reads when the user last logged out of a session, in milliseconds since 1970; 0 if unknown. */
export function readLastLogout(session: string): number {
  let last = 0
  for (const place of places) {
    try {
      const at = Number(globalThis[place].getItem(prefix + session))
      if (isTime(at)) last = Math.max(last, at)
    } catch {
      // The browser denies access to this storage.
    }
  }
  return last
}

/** Stores the time of a logout, which ends every session that was stored before. Returns whether it could be stored. */
export function storeLastLogout(session: string, at: number): boolean {
  for (const place of places) {
    try {
      globalThis[place].setItem(prefix + session, String(at))
      return true
    } catch {
      // The storage is full, or the browser denies access.
    }
  }
  return false
}
