import type { Claims } from '../api/claims.js'
import type { TokenSet } from '../api/token-set.js'

/** The session as it is stored. */
export interface StoredSession {
  user: Claims | null
  nonce?: string | undefined
  /** For `id_token_hint`, in a silent renewal and a logout. */
  idToken?: string | undefined
  refreshToken?: string | undefined
  scope: string
  resources: string[]
  params?: Record<string, string | undefined> | undefined
  authorizationDetails?: object[] | undefined
  tokens: Record<string, TokenSet>
  /** The `session_state` of the last authorization response, for `latchkey/session-watch`. */
  sessionState?: string | null
  /** When the session ends, as the server announced it last, by the field that announced it, in milliseconds since 1970. */
  ends?: Record<string, number> | undefined
  loggedInAt: number
  /** The time of the last logout before the login. A later one ends the session, wherever it is stored. */
  after?: number
  /** Whether the refresh token was sent and no response arrived. */
  inDoubt?: boolean
  /** By how many seconds the server's clock was ahead of ours when `idToken` arrived. */
  clockAhead?: number | undefined
  /** Whether the server refused the refresh token. */
  refused?: boolean
  /** The thumbprint of the key that the tokens are bound to. */
  jkt?: string | undefined
}
