/** Options of `logout`. */
export interface LogoutOptions {
  /** Only here and in the other tabs: no page of the server is visited; `revoke` is another matter. @default false */
  local?: boolean
  /** Where the server sends the user afterwards, registered there. @default '/' */
  returnTo?: string | URL
  /** Whether the refresh token is revoked (RFC 7009). @default true */
  revoke?: boolean
}
