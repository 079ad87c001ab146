import { withoutUndefined } from '../base/without-undefined.js'
import type { Claims } from '../api/claims.js'

/** The claims of a user of a test: `iss` is the client's issuer unless it is given. */
export type TestUser = Pick<Claims, 'sub'> & { [Name in keyof Claims]?: Claims[Name] | undefined }

/** Fills in the issuer. */
export function buildClaims(iss: string, user: TestUser | null): Claims | null {
  return user && { iss, ...withoutUndefined<Pick<Claims, 'sub'> & Partial<Claims>>(user) }
}
