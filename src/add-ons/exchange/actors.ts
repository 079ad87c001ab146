import { decodeJwtPart } from '../../protocol/jwt.js'

/** One party of a chain of delegation (RFC 8693 section 4.1). */
export interface Actor {
  /** The actor's identifier, unique within its issuer. */
  sub?: string
  /** The issuer that `sub` is known at, where it is not the token's own. */
  iss?: string
  /** Whatever else the server says of the actor. */
  [claim: string]: unknown
}

/**
 * Reads the chain of actors out of a JWT without verifying it: the current actor first, then the one before, and so on.
 * Empty when it has no `act` claim, undefined when it is no JWT that can be read.
 */
export function parseActors(token: string): Actor[] | undefined {
  const actors: Actor[] = []
  try {
    let { act } = decodeJwtPart(token, 1)
    while (Object(act) === act) {
      const { act: before, ...actor } = act
      actors.push(actor)
      act = before
    }
    return actors
  } catch {
    return undefined
  }
}
