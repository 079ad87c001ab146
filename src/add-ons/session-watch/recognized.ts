/** Followed by the issuer and the client ID. */
const prefix = 'latchkey watched '

/**
 * Remembers the session that the server has recognized in a frame of this browser, by the time of its login. In a browser that hides the
 * server's cookies from frames, no session is ever recognized: the server would call each one "changed".
 */
export function createRecognized(client: string): {
  has(loggedInAt: number): boolean
  add(loggedInAt: number): void
} {
  const key = prefix + client
  let last: string | null = null
  return {
    has(loggedInAt) {
      try {
        last = localStorage.getItem(key) ?? last
      } catch {
        // The browser denies access: only this page remembers.
      }
      return last === `${loggedInAt}`
    },
    add(loggedInAt) {
      last = `${loggedInAt}`
      try {
        localStorage.setItem(key, last)
      } catch {
        // As above, or the storage is full.
      }
    },
  }
}
