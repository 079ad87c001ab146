import type { Claims } from '../api/claims.js'
import type { TokenSet } from '../api/token-set.js'

/** The session as it is kept. */
export interface Session {
  user: Claims | null
  nonce?: string | undefined
  /** Kept for `id_token_hint` at logout. */
  idToken?: string | undefined
  refreshToken?: string | undefined
  scope: string
  resources: string[]
  params?: Record<string, string | undefined> | undefined
  authorizationDetails?: object[] | undefined
  tokens: Record<string, TokenSet>
  loggedInAt: number
  inDoubt?: boolean
  /** The thumbprint of the key that the tokens are bound to. */
  jkt?: string | undefined
}
