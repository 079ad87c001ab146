/** An access token with what the server said of it. */
export interface TokenSet {
  /** The access token itself. */
  accessToken: string
  /** `bearer`, or `dpop` with the option of that name; in lower case (RFC 6750, RFC 9449 section 5). */
  tokenType: string
  /** When it ends, in milliseconds since 1970 by this device's clock; `Number.MAX_SAFE_INTEGER` when the server named no end. */
  expiresAt: number
  /** The scope that was granted, space-separated; empty when the server named none. */
  scope: string
  /** The resource (RFC 8707) that it was asked for. */
  resource?: string
  /** What the server says that it allows (RFC 9396 section 7). */
  authorizationDetails?: object[]
}
