import * as oauth from 'oauth4webapi'
import { createServerFinder } from './find-server.js'

/** How a service is known to its authorization server. It can keep a secret, which no app in a browser can. */
export interface ServiceCredentials {
  issuer: string
  clientId: string
  clientSecret: string
}

/** Where a token is going to be used, and for what. */
export interface Target {
  resource: string
  scope: string
}

/** A token, and what it is: a URN of RFC 8693 section 3. */
export interface TypedToken {
  token: string
  type: string
}

/** The tokens of a service that calls others. */
export interface ServiceClient {
  /** Gets a token for the service's own work, by client credentials (RFC 6749 section 4.4); kept while it is good. */
  getOwnToken(target: Target): Promise<string>
  /**
   * Gets a token to go on with what the service was called for, in exchange for the token of that call (RFC 8693), an access
   * token unless its type is named. With an access token of an actor it is delegation, and the next API sees who acts; without,
   * it is impersonation.
   */
  exchange(subject: string | TypedToken, target: Target, actorToken?: string): Promise<string>
}

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** The type of SAML 2.0 assertions, which travel in base64url (RFC 8693 section 3). */
export const saml2 = 'urn:ietf:params:oauth:token-type:saml2'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
/** How long a kept token must still be good, in milliseconds. */
const reserve = 30_000

/** Creates the client of one service. */
export function createServiceClient({ issuer, clientId, clientSecret }: ServiceCredentials): ServiceClient {
  const server = createServerFinder(issuer)
  const client = { client_id: clientId }
  const authentication = oauth.ClientSecretBasic(clientSecret)
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
      if (known && known.until - reserve > Date.now()) return known.token
      const { access_token: token, expires_in = 0 } = await request('client_credentials', { resource, scope })
      kept.set(key, { token, until: Date.now() + expires_in * 1000 })
      return token
    },

    async exchange(subject, { resource, scope }, actorToken) {
      const { token, type } = typeof subject === 'string' ? { token: subject, type: accessToken } : subject
      const { access_token } = await request(tokenExchange, {
        subject_token: token,
        subject_token_type: type,
        ...(actorToken && { actor_token: actorToken, actor_token_type: accessToken }),
        resource,
        scope,
      })
      return access_token
    },
  }
}
