import type { IncomingMessage } from 'node:http'

/** The content of a call's token, as its receiver saw it. */
export interface Presented {
  /** The subject of the call: a user, or a service that calls on its own behalf. */
  subject: string
  /** The client that the token was issued to. */
  client: string
  /** The API that the token is for. */
  audience: string
  /** The scope of the token, space-separated. */
  scope: string
  /** The parties that act for the subject, current actor first (RFC 8693 section 4.1). */
  actors: string[]
  /** The authorization details, if any were requested (RFC 9396). */
  details: AuthorizationDetail[]
}

/** One of a token's authorization details (RFC 9396 section 2): its type defines the other fields. */
export type AuthorizationDetail = { type: string } & Record<string, unknown>

/** The requirements of a path: a scope, and for some paths a stronger login (RFC 9470). */
export interface Needs {
  scope: string
  acr?: string
  /** The maximum age of the user's login, in seconds. */
  maxAge?: number
}

/** The result of a check: the accepted token and its content, or a refusal. */
export type Access = { presented: Presented; token: string; headers?: Record<string, string> } | Refusal

/** The response to a refused request. */
export interface Refusal {
  status: 400 | 401 | 403 | 503
  error: string
  description: string
  /** Response headers, above all `WWW-Authenticate`. */
  headers: Record<string, string>
}

/** Checks the access token of a request to the URL. */
export type AccessCheck = (request: IncomingMessage, url: string, needs: Needs) => Promise<Access>
