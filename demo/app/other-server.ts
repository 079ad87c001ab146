import type { ClientOptions } from 'latchkey'
import { dpop } from 'latchkey/dpop'
import type { Ability, AbilityId } from '../describe-abilities.js'
import type { Finding } from '../examine-server.js'

/** A server that is not the demo's, and what the app can show there. */
export interface OtherServer {
  issuer: string
  clientId: string
  scope: string
  /** The resource (RFC 8707) of the tokens. */
  resource: string | undefined
  /** Where its metadata is. */
  discovery: 'oidc' | 'oauth2'
  abilities: Ability[]
  /** What will probably make a login fail. */
  problems: Finding[]
}

/** Tells whether the app can show something at the server. */
export function isAvailable({ abilities }: OtherServer, wanted: AbilityId): boolean {
  return abilities.some(({ id, available }) => id === wanted && available)
}

/** Builds the options of the client, which uses everything that the server offers. */
export function buildOptions(server: OtherServer): ClientOptions {
  const { issuer, clientId, scope, resource, discovery } = server
  return {
    ...{ issuer, clientId, scope, resource, discovery },
    // `false` would win over metadata that requires it.
    ...(isAvailable(server, 'par') && { par: true }),
    ...(isAvailable(server, 'dpop') && { dpop: dpop() }),
  }
}
