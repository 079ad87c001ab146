/** The port of the app: its origin is registered at each server. */
export const appPort = 5190

/** The port where the tests publish the keys of services and partners: each server fetches them from there. */
export const keysPort = 5191

/** The partner's identity provider, which exists by its keys alone. */
export const partnerIssuer = `http://localhost:${keysPort}/partner`

/** The URL of a party's public keys (JWKS). */
export function keysUrl(party: 'orders-service' | 'partner'): string {
  return `http://localhost:${keysPort}/${party}/jwks`
}
