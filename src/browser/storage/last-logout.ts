/** The one name under which the time of the last logout is kept, before that of the session that it ended. */
const prefix = 'latchkey end of '

/** Where it is kept: in sight of all tabs, or at least of a reload. */
const places = ['localStorage', 'sessionStorage'] as const

/** Reads when the user last logged out of a session, in milliseconds since 1970; 0 where that is not known. */
export function readLastLogout(session: string): number {
  let last = 0
  for (const place of places) {
    try {
      last = Math.max(last, Number(globalThis[place].getItem(prefix + session)) || 0)
    } catch {
      // The browser forbids this place.
    }
  }
  return last
}

/** Keeps the time of a logout, which no session that was there before outlives. Returns whether a place took it. */
export function keepLastLogout(session: string, at: number): boolean {
  for (const place of places) {
    try {
      globalThis[place].setItem(prefix + session, String(at))
      return true
    } catch {
      // Full, or forbidden.
    }
  }
  return false
}
