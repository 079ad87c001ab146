import {
  processPushedAuthorizationResponse,
  pushedAuthorizationRequest,
  type AuthorizationServer,
} from 'oauth4webapi'
import { refuse } from './to-auth-error.js'
import { callServer, clientAuthentication, type Caller } from './server-call.js'

/**
 * Sends the parameters of an authorization request to the server ahead (RFC 9126 section 2), and gives the URL that stands
 * for them (section 4). Rejects with the server's error by its own name.
 */
export async function pushAuthorizationRequest(
  caller: Caller,
  as: AuthorizationServer,
  params: URLSearchParams,
): Promise<string> {
  const endpoint = as.pushed_authorization_request_endpoint
  if (!endpoint) throw refuse('discovery_failed', 'pushed_authorization_request_endpoint')
  const { client } = caller
  const { request_uri } = await callServer(
    caller,
    'pushed authorization request',
    endpoint,
    async (options) =>
      processPushedAuthorizationResponse(
        as,
        client,
        await pushedAuthorizationRequest(as, client, clientAuthentication, params, options),
      ),
  )
  const url = new URL(as.authorization_endpoint!)
  url.searchParams.set('client_id', client.client_id)
  url.searchParams.set('request_uri', request_uri)
  return url.href
}
