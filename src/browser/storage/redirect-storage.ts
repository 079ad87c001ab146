import { buildState, loginPrefix } from '../../base/state-name.js'

/** Tells whether a redirect login of this tab is in progress. */
export function awaitsRedirect(): boolean {
  return listKeys().length > 0
}

/** Stores a redirect login for the time of the navigation. Throws if the browser forbids `sessionStorage`. */
export function saveRedirect(transaction: { state: string; returnTo: string }): void {
  sessionStorage.setItem(loginPrefix + transaction.state, JSON.stringify(transaction))
}

/**
 * Takes a redirect login that has returned, and removes it: the first one with a `reply` that `isOwn` accepts, or an empty one, which
 * means that this tab does not know the returned `state`. Removes expired and damaged ones, too.
 */
export function takeRedirect<T extends { state?: string; reply?: string; expiresAt?: number }>(
  isOwn: (login: T) => boolean,
): T | undefined {
  for (const key of listKeys()) {
    try {
      const login = JSON.parse(sessionStorage.getItem(key)!)
      const isTaken = !login.state || (login.reply && isOwn(login))
      if (!isTaken && login.expiresAt > Date.now()) continue
      sessionStorage.removeItem(key)
      if (isTaken) return login
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
