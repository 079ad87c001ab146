/** Options of `getToken` and `getTokenSet`. */
export interface TokenOptions {
  /**
   * One of the resources of the login; any other is `resource_not_requested`, without a request. `''` is a token for none of
   * them, as the server's own userinfo endpoint wants it.
   *
   * @default the first of them
   * @example
   * const token = await auth.getToken({ resource: 'https://api.example.com' })
   * @see RFC 8707 section 2.2
   */
  resource?: string | undefined
  /**
   * Space-separated scope, narrower than the login's; less granted is `insufficient_scope`, and the server may refuse one with
   * `invalid_scope`.
   *
   * @default the login's scope
   * @example
   * const token = await auth.getToken({ scope: 'orders:read' })
   * @see RFC 6749 section 6
   */
  scope?: string | undefined
  /**
   * What the token is to allow, of what the login asked for. The server refuses more with `invalid_authorization_details`.
   *
   * @default all of it
   * @example
   * const token = await auth.getToken({ authorizationDetails: [{ type: 'payment', actions: ['status'] }] })
   * @see RFC 9396 section 6
   */
  authorizationDetails?: object[] | undefined
  /**
   * For how many seconds the token must still be good, else it is renewed. A new one is given whatever its life. More than any
   * token is good for forces a renewal, after the user's roles have changed for instance; where the
   * server cannot be reached, the old one is given as long as it is good.
   *
   * @default 30
   * @example
   * const token = await auth.getToken({ minValidity: 120 })
   * const renewed = await auth.getToken({ minValidity: Number.MAX_SAFE_INTEGER })
   * @see RFC 6749 section 5.1
   */
  minValidity?: number | undefined
  /**
   * Ends this caller's wait with `signal.reason`; the shared request goes on.
   *
   * @default none
   * @example
   * const token = await auth.getToken({ signal: AbortSignal.timeout(5_000) })
   */
  signal?: AbortSignal | undefined
}
