import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { buildClientAuthentication, type ServiceSecret } from './client-authentication.js'
import { createServerFinder } from './find-server.js'

/** The credentials of a service at its authorization server. */
export type ServiceCredentials = ServiceSecret & {
  issuer: string
  clientId: string
  /**
   * The parameter that names the API of a requested token: `resource` (RFC 8707), or `audience` (RFC 8693 section 2.1), which is
   * the only one that some servers know.
   *
   * @default 'resource'
   */
  targetParameter?: 'resource' | 'audience'
}

/** The API and the scope of a requested token. */
export interface Target {
  /** The API's resource identifier, or its name at a server that takes an `audience`. */
  resource: string
  scope: string
}

/** A token and its type, a URN from RFC 8693 section 3. */
export interface TypedToken {
  token: string
  type: string
}

/** Gets the tokens of a service that calls other services. */
export interface ServiceClient {
  /** Gets a token for the service itself, with client credentials (RFC 6749 section 4.4); cached while it is valid. */
  getOwnToken(target: Target): Promise<string>
  /**
   * Exchanges the token of an incoming call for one for a downstream API (RFC 8693). A plain string is an access token. With
   * `actorToken` it is a delegation, and the next API sees the actor; without it, it is an impersonation. Rejects if a server ignores
   * the actor token and issues a JWT that names no actor: the next API could not tell it from an impersonation.
   */
  exchange(subject: string | TypedToken, target: Target, actorToken?: string): Promise<string>
  /**
   * Gets a token for the user of a partner, with a JWT from the partner's identity provider as the grant (RFC 7523 section 2.1).
   */
  redeemJwt(assertion: string, target: Target): Promise<string>
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** The type of SAML 2.0 assertions, which are base64url-encoded (RFC 8693 section 3). */
export const saml2 = 'urn:ietf:params:oauth:token-type:saml2'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
/** The minimum remaining lifetime of a cached token, in milliseconds. */
const reserve = 30_000

/** Creates the client of one service; `now` is its clock, in milliseconds. */
export function createServiceClient(credentials: ServiceCredentials, now = Date.now): ServiceClient {
  const { issuer, clientId, targetParameter = 'resource' } = credentials
  const server = createServerFinder(issuer)
  const client = { client_id: clientId }
  const authentication = buildClientAuthentication(credentials)
  const kept = new Map<string, { token: string; until: number }>()

  async function request(grantType: string, parameters: Record<string, string>) {
    const metadata = await server.find()
    const response = await oauth.genericTokenEndpointRequest(
      metadata,
      client,
      authentication,
      grantType,
      parameters,
      server.options,
    )
    return oauth.processGenericTokenEndpointResponse(metadata, client, response)
  }

  return {
    async getOwnToken({ resource, scope }) {
      const key = `${resource} ${scope}`
      const known = kept.get(key)
      if (known && known.until - reserve > now()) return known.token
      const { access_token: token, expires_in = 0 } = await request('client_credentials', {
        [targetParameter]: resource,
        scope,
      })
      kept.set(key, { token, until: now() + expires_in * 1000 })
      return token
    },

    async exchange(subject, { resource, scope }, actorToken) {
      const { token, type } = typeof subject === 'string' ? { token: subject, type: accessToken } : subject
      const { access_token } = await request(tokenExchange, {
        subject_token: token,
        subject_token_type: type,
        ...(actorToken && { actor_token: actorToken, actor_token_type: accessToken }),
        [targetParameter]: resource,
        scope,
      })
      if (actorToken && !namesActor(access_token))
        throw new Error('the server ignored "actor_token": the exchanged token names no actor ("act")')
      return access_token
    },

    async redeemJwt(assertion, { resource, scope }) {
      const { access_token } = await request(jwtBearer, { assertion, [targetParameter]: resource, scope })
      return access_token
    },
  }
}

/** Checks whether a token names an actor. An opaque token tells its client nothing, and counts as one that does. */
function namesActor(token: string): boolean {
  try {
    return decodeJwt(token)['act'] !== undefined
  } catch {
    return true
  }
}
