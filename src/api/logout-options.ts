/** Options of `logout`. */
export interface LogoutOptions {
  /**
   * Whether the logout stays here and in the other tabs: no page of the server is visited, and its session goes on. `revoke` is
   * another matter.
   *
   * @default false
   * @example
   * await auth.logout({ local: true })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  local?: boolean | undefined
  /**
   * Where the server sends the user afterwards, registered there. Without an end-session endpoint, and with `local`, the page
   * stays where it is. What is no URL is a `TypeError`.
   *
   * @default '/'
   * @example
   * await auth.logout({ returnTo: '/goodbye' })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  returnTo?: string | URL | undefined
  /**
   * Whether the refresh token is revoked. A revocation that fails rejects nothing: the event `logout_incomplete` says why, with
   * `timeout`, `network_error` or what the server says.
   *
   * @default true
   * @example
   * await auth.logout({ revoke: false })
   * @see RFC 7009 section 2.1
   */
  revoke?: boolean | undefined
}
