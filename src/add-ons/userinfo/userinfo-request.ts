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
import { refuse } from '../../protocol/to-auth-error.js'
import { verifyIdTokenSignature, type GetKeys } from '../../protocol/id-token.js'
import { callServer, type Caller } from '../../protocol/server-call.js'
import { isEndpoint } from '../../protocol/secure-url.js'

/**
 * What the server says of the user (OpenID Connect Core section 5.3.2); `sub` is that of the ID token. It is foreign data: never show it
 * as HTML.
 */
export interface UserInfo extends StandardClaims {
  /** Whatever else the server says; of what type it is was not checked. */
  [claim: string]: unknown
}

/**
 * Asks for the claims of a user (OpenID Connect Core section 5.3), with the `access_token` among the parameters; the `sub` among
 * them is the one that must come back. Runs in the vault. A signed answer is verified with the server's keys, as an ID token is.
 */
export function requestUserInfo(
  caller: Caller,
  as: AuthorizationServer,
  parameters: [name: string, value: string][],
  _getSession: unknown,
  getKeys: GetKeys,
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
        // Whatever the library takes for a JWT is one here.
        if (response.headers.get('content-type')!.startsWith('application/jwt'))
          await verifyIdTokenSignature(as, response, getKeys)
        // What is nested deeper than anything that is meant overflows where it is copied.
        if (isDeep(claims)) throw refuse('invalid_response', 'claims')
        return claims
      } catch (thrown) {
        if ((thrown as { code?: string }).code === JSON_ATTRIBUTE_COMPARISON)
          throw refuse('user_changed', 'sub')
        // Only of a refusal: what else an answer has wrong was said already.
        if (response.ok || isAuthError(thrown)) throw thrown
        // RFC 6750 section 3: what is wrong is in the challenge.
        const read = (name: string) => readChallenge(response, name) || undefined
        const error = read('error')
        // CORS hides it where the server does not expose it: a 401 refuses the token all the same.
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

/** Throws `discovery_failed` when the metadata has no endpoint that a token may be sent to. */
export function checkUserInfoEndpoint({ userinfo_endpoint: url }: AuthorizationServer): void {
  if (!isEndpoint(url))
    throw new AuthError(
      'discovery_failed',
      'the metadata has no https: "userinfo_endpoint": set it in the option "metadata", or use getUser()',
    )
}
