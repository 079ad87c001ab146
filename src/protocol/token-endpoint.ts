import {
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
  processRevocationResponse,
  revocationRequest,
  type AuthorizationServer,
  type Client,
  type RecognizedTokenTypes,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import { withTenants } from './tenant.js'
import { refuse } from './refuse.js'
import { callServer, clientAuthentication, type Caller } from './server-call.js'

/**
 * Sends a token request of any grant (RFC 6749 section 4) and validates the response.
 *
 * @param client the client that the library validates the response for
 * @param read checks what the library does not; the signature of an ID token is verified with `response`
 * @param otherTypes token types, in addition to `bearer` and `dpop`, of what is not an access token
 */
export function sendTokenRequest<T>(
  caller: Caller,
  as: AuthorizationServer,
  form: URLSearchParams,
  client: Client,
  read: (result: TokenEndpointResponse, response: Response) => Promise<T>,
  otherTypes: RecognizedTokenTypes = {},
): Promise<T> {
  return callServer(caller, 'the token endpoint', as.token_endpoint!, async (options) => {
    const response = await genericTokenEndpointRequest(
      as,
      client,
      clientAuthentication,
      form.get('grant_type')!,
      form,
      options,
    )
    const issuer = withTenants(as, caller.tenants)
    const result = await processGenericTokenEndpointResponse(issuer, client, response, {
      recognizedTokenTypes: otherTypes,
    })
    if (!otherTypes[result.token_type]) checkAccessToken(result.access_token)
    return read(result, response)
  })
}

/** Revokes a token (RFC 7009 section 2.1). */
export function revokeToken(caller: Caller, as: AuthorizationServer, token: string): Promise<void> {
  return callServer(caller, 'the revocation endpoint', as.revocation_endpoint!, async (options) =>
    processRevocationResponse(
      await revocationRequest(as, caller.client, clientAuthentication, token, options),
    ),
  )
}

/**
 * Checks the characters of an access token. A browser rejects a header with any others, and its error message can contain the
 * token. RFC 6750 section 2.1 allows fewer, but some servers use a few more.
 */
function checkAccessToken(token: string): void {
  if (/[^!-~]/.test(token))
    throw refuse(
      'invalid_token_response',
      'access_token',
      'the "access_token" of the server has characters that no header can carry',
    )
}
