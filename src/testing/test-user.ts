import { withoutUndefined } from '../base/without-undefined.js'
import type { Claims } from '../api/claims.js'

/** The claims of a test user. `iss` defaults to the issuer of the client. */
export type TestUser = Pick<Claims, 'sub'> & { [Name in keyof Claims]?: Claims[Name] | undefined }

/** Adds the issuer. */
export function buildClaims(iss: string, user: TestUser | null): Claims | null {
  return user && { iss, ...withoutUndefined<Pick<Claims, 'sub'> & Partial<Claims>>(user) }
}
