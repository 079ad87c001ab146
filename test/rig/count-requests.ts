import type { TestAuthorizationServer } from './authorization-server.js'
import type { Endpoint } from './request-log.js'

/** How often each endpoint was asked; `preflight` counts the CORS preflights of all of them. */
export type RequestCounts = Partial<Record<Endpoint | 'preflight', number>>

/** What a browser asks for while the user is on the server's own pages, and no client decides. */
const ownPages: Endpoint[] = ['interaction', 'resume', 'other']

/**
 * Counts the requests that an authorization server got, by endpoint, beginning with the `from`th. Left out is what its
 * own pages ask for: the pages themselves, the way back from them to the authorization request, and the icon.
 */
export function countRequests(as: TestAuthorizationServer, from = 0): RequestCounts {
  const counts: RequestCounts = {}
  for (const { endpoint, preflight } of as.requests.slice(from)) {
    if (!preflight && ownPages.includes(endpoint)) continue
    const name = preflight ? 'preflight' : endpoint
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
