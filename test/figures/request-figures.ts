import type { RequestCounts } from '../rig/count-requests.js'

/** How many requests each thing costs at the authorization server: the browser tests hold them, the README shows them. */
export const requestFigures = {
  /** A popup login in a browser that knows nothing of the server yet. */
  coldLogin: { metadata: 1, authorize: 1, jwks: 1, token: 1 },
  /** A popup login in a browser that has logged in there before. */
  warmLogin: { authorize: 1, token: 1 },
  /** The page load that a redirect login returns to, in a browser that did not know the server's keys. */
  coldRedirectCallback: { jwks: 1, token: 1 },
  /** The same in a browser that has logged in there before. */
  warmRedirectCallback: { token: 1 },
  /** A page load with a live session, to the first token. */
  reload: {},
  /** A token that is good for a while yet. */
  cachedToken: {},
  /** A renewal with the refresh token. */
  refresh: { token: 1 },
  /** A renewal by hidden iframe. */
  iframe: { authorize: 1, token: 1 },
  /** A logged-in page with nothing to do, in a minute. */
  idle: {},
} as const satisfies Record<string, RequestCounts>

/** How many timers fire in that idle page. */
export const idleTimers = 0

/**
 * How many transactions on IndexedDB each thing costs: a login from the click on, a page that a redirect login comes back to from its
 * load on.
 */
export const transactionFigures = {
  /** The server's metadata and keys are stored in one write, and the session is read and written. */
  coldLogin: 3,
  /** The session is read and written. */
  warmLogin: 2,
  /** The session and what is cached of the server are read together; the keys are stored, and the session. */
  coldRedirectCallback: 3,
  warmRedirectCallback: 2,
  /** The session and what is cached of the server are read together. */
  reload: 1,
  /** The refresh token is marked as sent, and the new session is written. */
  refresh: 2,
  cachedToken: 0,
} as const
