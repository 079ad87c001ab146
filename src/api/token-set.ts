/** An access token and its properties. */
export interface TokenSet {
  /** The access token. */
  accessToken: string
  /** `bearer`, or `dpop` with the `dpop` option. Always lower case (RFC 6750, RFC 9449 section 5). */
  tokenType: string
  /** When the token expires, in milliseconds since 1970 by this device's clock. `Number.MAX_SAFE_INTEGER` if the server did not say. */
  expiresAt: number
  /** The granted scope, space-separated. Can be empty if the server did not name it. */
  scope: string
  /** The resource the token was requested for (RFC 8707). */
  resource?: string
  /** What the token allows, according to the server (RFC 9396 section 7). */
  authorizationDetails?: object[]
  /** @internal When the token was received, in milliseconds since 1970 by this device's clock. */
  receivedAt?: number
}
