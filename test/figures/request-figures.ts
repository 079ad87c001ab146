import type { RequestCounts } from '../rig/count-requests.js'

/** How many requests each thing costs at the authorization server: the browser tests hold them, the README shows them. */
export const requestFigures = {
  /** A popup login in a browser that knows nothing of the server yet. */
  coldLogin: { metadata: 1, authorize: 1, jwks: 1, token: 1 },
  /** A popup login in a browser that has logged in there before. */
  warmLogin: { authorize: 1, token: 1 },
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
