/** Options of `getToken` and `getTokenSet`. */
export interface TokenOptions {
  /**
   * The resource to get a token for. Must be one that the login requested; any other is rejected with `resource_not_requested`,
   * without contacting the server. Pass `''` for a token without a resource, which the userinfo endpoint requires.
   *
   * @default the first resource of the login
   * @example
   * const token = await auth.getToken({ resource: 'https://api.example.com' })
   * @see RFC 8707 section 2.2
   */
  resource?: string | undefined
  /**
   * A narrower scope than that of the login, space-separated. Rejects with `insufficient_scope` if the server grants less, and with
   * `invalid_scope` if the server does not accept it. Anything but a string causes a `TypeError`.
   *
   * @default the scope of the login
   * @example
   * const token = await auth.getToken({ scope: 'orders:read' })
   * @see RFC 6749 section 6
   */
  scope?: string | undefined
  /**
   * What the token should allow, as a subset of the login's `authorizationDetails`. The server rejects anything more with
   * `invalid_authorization_details`.
   *
   * @default all that the login requested
   * @example
   * const token = await auth.getToken({ authorizationDetails: [{ type: 'payment', actions: ['status'] }] })
   * @see RFC 9396 section 6
   */
  authorizationDetails?: object[] | undefined
  /**
   * Minimum remaining lifetime of the token, in seconds. A token that expires sooner is renewed first. A freshly issued token is
   * returned regardless of its lifetime. If the server cannot be reached, the old token is returned while it is still valid.
   *
   * Pass more than any lifetime to force a renewal, for example after the roles of the user have changed.
   *
   * @default 30
   * @example
   * const token = await auth.getToken({ minValidity: 120 })
   * const renewed = await auth.getToken({ minValidity: Number.MAX_SAFE_INTEGER })
   * @see RFC 6749 section 5.1
   */
  minValidity?: number | undefined
  /**
   * Aborts this call, which rejects with `signal.reason`. A request that is shared with other callers continues.
   *
   * @default none
   * @example
   * const token = await auth.getToken({ signal: AbortSignal.timeout(5_000) })
   */
  signal?: AbortSignal | undefined
}
