import type { IncidentKind, FaultKind } from './plan.js'

/** A request to the authorization server, as the proxy saw it. Times are in milliseconds since 1970. */
export interface Exchange {
  /** A refresh token, the code of a login or of a frame, or a hidden frame (`prompt=none`). */
  kind: 'refresh' | 'code' | 'frame'
  clientId: string
  /** The tab that sent it, if it is known. */
  tab: string | undefined
  /** The number of the refresh token. */
  token: number | undefined
  arrived: number
  /** When the answer was sent, or the connection closed. */
  ended: number | undefined
  /** What the server did; `none`: it has not seen the request, or could not process it. */
  outcome: 'granted' | 'refused' | 'none'
  fault: FaultKind | undefined
  /** Whether the server's own answer was sent whole, over a connection that was still open. */
  delivered: boolean
}

/** Something that happened to a tab. */
export interface Incident {
  tab: string
  kind: IncidentKind
  at: number
  /** For `frozen` and `offline`. */
  until: number
}

/** A session that ended, as the first tab reported it. */
export interface Loss {
  clientId: string
  tab: string
  at: number
  /** The reason in the client's state. */
  reason: string
}

/** A finished login. */
export interface Login {
  clientId: string
  at: number
}

/** Tabs that did not show the same once everything had calmed down. */
export interface Disagreement {
  clientId: string
  at: number
  /** What each tab showed. */
  shown: Record<string, string>
}

/** All that a run saw. */
export interface SoakRecord {
  /** The sessions: whether a hidden frame can get a new grant for them. */
  clients: { clientId: string; framePossible: boolean }[]
  exchanges: Exchange[]
  incidents: Incident[]
  losses: Loss[]
  logins: Login[]
  /** Logins that failed, although nothing happened to their tab and their requests. */
  failedLogins: string[]
  disagreements: Disagreement[]
  /** Where a client had to go on without the store, which did not answer in time. */
  storeFailures: { tab: string; clientId: string; at: number }[]
  /** How many tokens `getToken` returned. */
  tokens: number
  /** How often `getToken` rejected, by code. */
  errors: Record<string, number>
}
