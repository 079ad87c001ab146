import type { TestAuthorizationServer } from './authorization-server.js'

/** Makes ID tokens so long, by group claims, that none goes into a URL as a hint: the server is not told whose session it is. */
export function lengthenIdTokens(as: TestAuthorizationServer): void {
  const groups = Array.from({ length: 400 }, (_, index) => `group-${index}`)
  as.tamperIdToken((claims) => ({ claims: { ...claims, groups } }))
}
