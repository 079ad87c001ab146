import {
  processPushedAuthorizationResponse,
  pushedAuthorizationRequest,
  type AuthorizationServer,
} from 'oauth4webapi'
import { callServer, clientAuthentication, type Caller } from './server-call.js'

/**
 * Pushes the parameters of an authorization request to the server (RFC 9126 section 2). Returns the URL that refers to them
 * (section 4). Rejects with the server's error by its own name.
 */
export async function pushAuthorizationRequest(
  caller: Caller,
  as: AuthorizationServer,
  params: URLSearchParams,
): Promise<string> {
  const { client } = caller
  // A proof would bind the code to the key as well (RFC 9449 section 10.1).
  const dpop = params.has('dpop_jkt') ? caller.dpop : undefined
  const { request_uri } = await callServer(
    { ...caller, dpop },
    'the pushed authorization request endpoint',
    as.pushed_authorization_request_endpoint!,
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
