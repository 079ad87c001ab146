import type { Presented } from './access.js'

/** One call from a party to the next, as its receiver saw it. */
export interface Call {
  from: string
  to: string
  path: string
  /** How the caller came by the token. */
  by: 'login' | 'token exchange' | 'client credentials' | 'SAML assertion'
  /** How the receiver knows what the token says. */
  checkedBy: 'signature' | 'introspection'
  presented: Presented
}
