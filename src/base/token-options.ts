/** Options of `getToken` and `getTokenSet`. */
export interface TokenOptions {
  /** One of the resources of the login (RFC 8707 section 2.2), else `resource_not_requested`. @default the first of them */
  resource?: string
  /** Space-separated scope, narrower than the login's; less granted is `insufficient_scope`. @default the login's scope */
  scope?: string
  /** What the token is to allow, of what the login asked for (RFC 9396 section 6). @default all of it */
  authorizationDetails?: object[]
  /** For how many seconds the token must still be good. @default 30 */
  minValidity?: number
  /** Ends this caller's wait with `signal.reason`; the shared request goes on. */
  signal?: AbortSignal
}
