import { buildState, loginPrefix } from '../../base/state-name.js'

/** Tells whether a redirect login of this tab is under way. */
export function awaitsRedirect(): boolean {
  return listKeys().length > 0
}

/** Keeps a redirect login across the navigation. Throws where the browser forbids `sessionStorage`. */
export function keepRedirect(transaction: { state: string; returnTo: string }): void {
  sessionStorage.setItem(loginPrefix + transaction.state, JSON.stringify(transaction))
}

/**
 * Takes a redirect login that came back, each once: the first one that carries a `reply` and is wanted, or an empty one,
 * which says that a state came back that this tab does not know. Expired and damaged ones are dropped on the way.
 */
export function takeRedirect<T extends { state?: string; reply?: string; expiresAt?: number }>(
  isWanted: (kept: T) => boolean,
): T | undefined {
  for (const key of listKeys()) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(key)!)
      const taken = !kept.state || (kept.reply && isWanted(kept))
      if (!taken && kept.expiresAt > Date.now()) continue
      sessionStorage.removeItem(key)
      if (taken) return kept
    } catch {
      sessionStorage.removeItem(key)
    }
  }
  return undefined
}

/** None where the browser forbids `sessionStorage`. */
function listKeys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) =>
      key.startsWith(loginPrefix + buildState('redirect', '')),
    )
  } catch {
    return []
  }
}
