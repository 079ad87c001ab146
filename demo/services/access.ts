import type { IncomingMessage } from 'node:http'

/** What a token says about a call, as its receiver found it. */
export interface Presented {
  /** Whom the call is about: a user, or a service that calls for itself. */
  subject: string
  /** The client that the token was issued to. */
  client: string
  /** The API that the token is for. */
  audience: string
  /** What the token allows, space-separated. */
  scope: string
  /** Who acts for the subject, the current actor first (RFC 8693 section 4.1). */
  actors: string[]
  /** What exactly it is for, where that was asked for (RFC 9396). */
  details: AuthorizationDetail[]
}

/** One of the authorization details of a token (RFC 9396 section 2): the type says what the other fields mean. */
export type AuthorizationDetail = { type: string } & Record<string, unknown>

/** What a path needs: a scope, and for some of them a stronger login (RFC 9470). */
export interface Needs {
  scope: string
  acr?: string
  /** How long ago the user may have logged in, in seconds. */
  maxAge?: number
}

/** Who may come in, with the token that was shown; or what to answer instead. */
export type Access = { presented: Presented; token: string; headers?: Record<string, string> } | Refusal

/** What to answer to a request that may not come in. */
export interface Refusal {
  status: 400 | 401 | 403 | 503
  error: string
  description: string
  /** `WWW-Authenticate` above all. */
  headers: Record<string, string>
}

/** Checks the access token of a request for the URL. */
export type AccessCheck = (request: IncomingMessage, url: string, needs: Needs) => Promise<Access>
