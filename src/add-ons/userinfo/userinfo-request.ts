import {
  JSON_ATTRIBUTE_COMPARISON,
  processUserInfoResponse,
  userInfoRequest,
  type AuthorizationServer,
} from 'oauth4webapi'
import type { StandardClaims } from '../../api/claims.js'
import { AuthError } from '../../base/errors.js'
import { isAuthError } from '../../base/is-auth-error.js'
import { readChallenge } from '../../fetch/challenge.js'
import { isDeep } from '../../protocol/depth.js'
import { refuse } from '../../protocol/refuse.js'
import type { GrantServer } from '../../protocol/grant-server.js'
import { verifyIdTokenSignature } from '../../protocol/id-token.js'
import { callServer } from '../../protocol/server-call.js'
import { isEndpoint } from '../../protocol/secure-url.js'

/**
 * The claims that the userinfo endpoint returned (OpenID Connect Core section 5.3.2); `sub` is the one of the ID token. They are
 * untrusted data: never render them as HTML.
 */
export interface UserInfo extends StandardClaims {
  /** Other claims. Their types are not checked. */
  [claim: string]: unknown
}

/**
 * Requests the claims of a user (OpenID Connect Core section 5.3) with the `access_token` in `parameters`; the response must have the
 * `sub` in `parameters`. Runs in the vault. A signed response is verified with the server's keys, like an ID token.
 */
export function requestUserInfo(
  { caller, metadata: as, getKeys }: GrantServer,
  parameters: [name: string, value: string][],
): Promise<UserInfo> {
  const { client } = caller
  const { access_token, sub } = Object.fromEntries(parameters)
  return callServer(
    caller,
    'the userinfo endpoint',
    as.userinfo_endpoint!,
    async (options) => {
      const response = await userInfoRequest(as, client, access_token!, options)
      try {
        const claims = await processUserInfoResponse(as, client, sub!, response)
        // The same condition as in the library.
        if (response.headers.get('content-type')!.startsWith('application/jwt'))
          await verifyIdTokenSignature(as, response, getKeys)
        // Copying a value that is nested too deeply would overflow the stack.
        if (isDeep(claims)) throw refuse('invalid_response', 'claims')
        return claims
      } catch (thrown) {
        if ((thrown as { code?: string }).code === JSON_ATTRIBUTE_COMPARISON)
          throw refuse('user_changed', 'sub')
        // The error of a valid status already says what is wrong with the body.
        if (response.ok || isAuthError(thrown)) throw thrown
        // The challenge says why the token was rejected (RFC 6750 section 3).
        const read = (name: string) => readChallenge(response, name) || undefined
        const error = read('error')
        // CORS hides the challenge unless the server exposes it, but a 401 rejects the token in any case.
        if (!error && response.status === 401)
          throw new AuthError(
            'authorization_failed',
            'the userinfo endpoint rejected the access token with HTTP 401: expose "WWW-Authenticate" there (CORS) to see why',
            { error: 'invalid_token', status: 401 },
          )
        throw Object.assign(thrown as Error, { error, error_description: read('error_description') })
      }
    },
    'invalid_response',
  )
}

/** Throws `discovery_failed` if the metadata has no userinfo endpoint that a token may be sent to. */
export function checkUserInfoEndpoint({ userinfo_endpoint: url }: AuthorizationServer): void {
  if (!isEndpoint(url))
    throw new AuthError(
      'discovery_failed',
      'the metadata has no https: "userinfo_endpoint": set it in the option "metadata", or use getUser()',
    )
}
