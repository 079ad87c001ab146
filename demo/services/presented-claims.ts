import type { AuthorizationDetail, Presented } from './access.js'

/** The claims of an access token (RFC 9068) or of its introspection response (RFC 7662), which share their names. */
export interface TokenClaims {
  sub?: unknown
  client_id?: unknown
  azp?: unknown
  aud?: unknown
  scope?: unknown
  act?: unknown
  authorization_details?: unknown
}

/** Reads the content of a valid token. */
export function readPresented({
  sub,
  azp,
  client_id = azp,
  aud,
  scope = '',
  act,
  authorization_details: details = [],
}: TokenClaims): Presented {
  return {
    subject: String(sub),
    client: String(client_id),
    audience: [aud].flat().join(' '),
    // Some servers write a list where RFC 9068 has one string.
    scope: [scope].flat().join(' '),
    actors: listActors(act),
    details: details as AuthorizationDetail[],
  }
}

/** Lists the actors, current one first. Only the current actor counts for access control (RFC 8693 section 4.1). */
function listActors(act: unknown): string[] {
  if (typeof act !== 'object' || act === null || !('sub' in act)) return []
  return [String(act.sub), ...listActors('act' in act ? act.act : undefined)]
}
