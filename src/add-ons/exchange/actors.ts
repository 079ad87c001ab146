import { isDeep } from '../../protocol/depth.js'
import { decodeJwtPart } from '../../protocol/jwt.js'

/** An actor in a chain of delegation (RFC 8693 section 4.1). */
export interface Actor {
  /** The actor's identifier, unique within its issuer. */
  sub?: string
  /** The issuer of `sub`, if it is not the issuer of the token. */
  iss?: string
  /** Other claims about the actor. */
  [claim: string]: unknown
}

/**
 * Reads the chain of actors from a JWT without verifying it: the current actor first, then the previous one, and so on. Returns an
 * empty list if there is no `act` claim, and undefined if the token is not a readable JWT.
 */
export function parseActors(token: string): Actor[] | undefined {
  const actors: Actor[] = []
  try {
    let { act } = decodeJwtPart(token, 1)
    if (isDeep(act)) return undefined
    while (Object(act) === act) {
      const { act: previous, ...actor } = act
      actors.push(actor)
      act = previous
    }
    return actors
  } catch {
    return undefined
  }
}
