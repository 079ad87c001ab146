/** Options of `logout`. */
export interface LogoutOptions {
  /**
   * Whether to log out of this app only. The page does not navigate, and the session at the server continues. The refresh token is
   * still revoked, unless `revoke` is false.
   *
   * @default false
   * @example
   * await auth.logout({ local: true })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  local?: boolean | undefined
  /**
   * Where the server sends the user after the logout. Must be registered at the server. A relative URL is resolved against the
   * document; an invalid URL causes a `TypeError`. Not used with `local`, or if the server has no end-session endpoint: the page
   * then stays where it is.
   *
   * @default '/', or `redirectUri` if it has another origin or this is a worker
   * @example
   * await auth.logout({ returnTo: '/goodbye' })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  returnTo?: string | URL | undefined
  /**
   * Parameters of the request that ends the session at the server. They are added to those that latchkey sends (`id_token_hint`,
   * `client_id`, `post_logout_redirect_uri`; with the option `endSessionUrl` of the client, only `client_id`), and replace those of the
   * same name. A parameter that is undefined is left out. Not used with `local`.
   *
   * @default none
   * @example
   * await auth.logout({ params: { ui_locales: 'de', id_token_hint: undefined } })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  params?: Record<string, string | undefined> | undefined
  /**
   * Whether to revoke the refresh token. If that fails, `logout` does not reject: the event `logout_incomplete` has the error,
   * which is `timeout`, `network_error` or that of the server.
   *
   * @default true
   * @example
   * await auth.logout({ revoke: false })
   * @see RFC 7009 section 2.1
   */
  revoke?: boolean | undefined
}
