import type { Presented } from './access.js'

/** A call from one party to the next, as its receiver saw it. */
export interface Call {
  from: string
  to: string
  path: string
  /** How the caller got the token. */
  by: 'login' | 'token exchange' | 'client credentials' | 'SAML assertion' | 'JWT bearer'
  /** How the receiver checked the token. */
  checkedBy: 'signature' | 'introspection'
  presented: Presented
}
