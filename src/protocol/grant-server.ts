import type { AuthorizationServer, RecognizedTokenTypes, TokenEndpointResponse } from 'oauth4webapi'
import type { GetKeys } from './id-token.js'
import type { Caller } from './server-call.js'
import { revokeToken, sendTokenRequest } from './token-endpoint.js'

/**
 * The authorization server as the request of an add-on sees it. An add-on uses these methods instead of importing what they
 * call: with its import, oauth4webapi would become part of the start of `latchkey/lazy`.
 */
export interface GrantServer {
  metadata: AuthorizationServer
  caller: Caller
  getKeys: GetKeys
  /**
   * Sends a token request of any grant (RFC 6749 section 4.5) and validates the response.
   *
   * @param otherTypes token types, in addition to `bearer` and `dpop`, of what is not an access token
   */
  requestToken(form: URLSearchParams, otherTypes: RecognizedTokenTypes): Promise<TokenEndpointResponse>
  /** Revokes a token (RFC 7009 section 2.1). */
  revokeToken(token: string): Promise<void>
}

/** Creates the server as an add-on sees it. */
export function createGrantServer(
  caller: Caller,
  metadata: AuthorizationServer,
  getKeys: GetKeys,
): GrantServer {
  return {
    metadata,
    caller,
    getKeys,
    requestToken: (form, otherTypes) =>
      sendTokenRequest(caller, metadata, form, caller.client, async (result) => result, otherTypes),
    revokeToken: (token) => revokeToken(caller, metadata, token),
  }
}
