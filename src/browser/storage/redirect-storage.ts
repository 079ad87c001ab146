import { buildState, loginPrefix } from '../../base/state-name.js'

/** Tells whether a redirect login of this tab is in progress. */
export function awaitsRedirect(): boolean {
  return listKeys().length > 0
}

/** Stores a redirect login for the time of the navigation. Throws if the browser forbids `sessionStorage`. */
export function saveRedirect(transaction: { state: string; returnTo?: string | undefined }): void {
  sessionStorage.setItem(loginPrefix + transaction.state, JSON.stringify(transaction))
}

/** The fields of a stored redirect login that matter here. */
interface StoredRedirect {
  state?: string
  reply?: string
  expiresAt?: number
}

/**
 * Finds a redirect login that has returned: the first one with a `reply` that `isOwn` accepts, or an empty one, which means that this
 * tab does not know the returned `state`. Removes expired and damaged ones.
 *
 * @param removes whether to remove the login itself as well, so that nobody else completes it
 */
export function findRedirect<T extends StoredRedirect>(
  isOwn: (login: T) => boolean,
  removes = false,
): T | undefined {
  for (const key of listKeys()) {
    try {
      // Throws for null. The prototype is removed, because it may be polluted.
      const login = Object.setPrototypeOf(JSON.parse(sessionStorage.getItem(key)!), null)
      const isFound = !login.state || (login.reply && isOwn(login))
      const isExpired = !(login.expiresAt > Date.now())
      if (isFound ? removes : isExpired) sessionStorage.removeItem(key)
      if (isFound) return login
    } catch {
      sessionStorage.removeItem(key)
    }
  }
  return undefined
}

/** Lists nothing if the browser forbids `sessionStorage`. */
function listKeys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) =>
      key.startsWith(loginPrefix + buildState('redirect', '')),
    )
  } catch {
    return []
  }
}
