import * as oauth from 'oauth4webapi'
import { buildClientAuthentication, type ServiceSecret } from './client-authentication.js'
import { createServerFinder } from './find-server.js'

/** Options of `createIntrospection`: the authorization server, and the credentials of an API there. */
export type IntrospectionClient = ServiceSecret & { issuer: string; clientId: string }

/** Asks the authorization server about a token (RFC 7662). Rejects if the server does not answer within 5 s. */
export type Introspect = (token: string) => Promise<oauth.IntrospectionResponse>

/** Creates the introspection request of one API. */
export function createIntrospection({ issuer, clientId, ...secret }: IntrospectionClient): Introspect {
  const server = createServerFinder(issuer)
  const client = { client_id: clientId }
  const authentication = buildClientAuthentication(secret)
  return async (token) => {
    const metadata = await server.find()
    const response = await oauth.introspectionRequest(metadata, client, authentication, token, server.options)
    return oauth.processIntrospectionResponse(metadata, client, response)
  }
}
