import {
  authorizationCodeGrantRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type AuthorizationServer,
  type IDToken,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import { withoutUndefined } from '../base/without-undefined.js'
import { AuthError } from '../base/errors.js'
import type { Claims } from '../api/claims.js'
import type { TokenSet } from '../api/token-set.js'
import { refuse } from './to-auth-error.js'
import {
  checkIdToken,
  checkIdTokenTimes,
  isRepeated,
  verifyIdTokenSignature,
  type GetKeys,
} from './id-token.js'
import {
  buildOAuthClient,
  callServer,
  clientAuthentication,
  type CallOptions,
  type Caller,
} from './server-call.js'
import { isOpenId, type Transaction } from './transaction.js'

/** What a token endpoint gave, validated. */
export interface Grant {
  tokenSet: TokenSet
  refreshToken?: string | undefined
  idToken?: string | undefined
  claims?: IDToken | undefined
  /**
   * Why the ID token could not be judged: no keys were to be had, or the clock is wrong. That passes and says nothing against
   * the refresh token; nothing else may be used.
   */
  unjudged?: AuthError | undefined
}

/** What a refresh asks for: RFC 6749 section 6, RFC 8707 section 2.2. */
export interface RefreshRequest {
  resource?: string | undefined
  scope?: string | undefined
  /** As JSON (RFC 9396 section 6). */
  authorization_details?: string | undefined
}

/** What the answer has to fit. */
interface Expected extends RefreshRequest {
  sub?: string | undefined
  nonce?: string | undefined
  /** The claims of the ID token that the session has. */
  user?: Claims | null
}

/** Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5) and validates all that comes with the token. */
export async function redeemCode(
  caller: Caller,
  as: AuthorizationServer,
  { redirectUri, codeVerifier, nonce, maxAge, acrValues, resources: [resource], scope }: Transaction,
  params: URLSearchParams,
  sub: string | undefined,
  getKeys: GetKeys,
): Promise<Grant> {
  const asked = { resource, scope, sub, nonce }
  const grant = await requestToken(caller, as, asked, { resource }, getKeys, async (options) => {
    const { client } = caller
    const response = await authorizationCodeGrantRequest(
      as,
      client,
      clientAuthentication,
      params,
      redirectUri,
      codeVerifier,
      options,
    )
    const expected = {
      ...(nonce && { expectedNonce: nonce }),
      requireIdToken: isOpenId(scope),
    }
    return [response, await processAuthorizationCodeResponse(as, client, response, expected)]
  })
  if (grant.unjudged) throw grant.unjudged
  const { acr, auth_time: at }: Partial<IDToken> = grant.claims ?? {}
  if (acrValues && !acrValues.split(' ').includes(`${acr}`))
    throw new AuthError(
      'unmet_authentication_requirements',
      `the server returned "acr" ${acr} instead of ${acrValues}: check its "acr_values_supported"`,
      { cause: { claim: 'acr' } },
    )
  const age = Date.now() / 1000 - at!
  if (maxAge !== undefined && !(age <= maxAge + caller.clockTolerance))
    throw new AuthError(
      'unmet_authentication_requirements',
      `the server returned "auth_time" ${at}, which is not within ${maxAge} s: check that it supports "max_age"`,
      { cause: { claim: 'auth_time' } },
    )
  return grant
}

/** Redeems a refresh token and validates all that comes with the answer; look at `unjudged`. */
export function redeemRefreshToken(
  caller: Caller,
  as: AuthorizationServer,
  refreshToken: string,
  request: RefreshRequest,
  session: Expected,
  getKeys: GetKeys,
): Promise<Grant> {
  return requestToken(
    caller,
    as,
    { ...session, ...withoutUndefined(request) },
    request,
    getKeys,
    async (options) => {
      const response = await refreshTokenGrantRequest(
        as,
        caller.client,
        clientAuthentication,
        refreshToken,
        options,
      )
      // The library would look at the times first, and a wrong clock would hide what else is wrong, and the refresh token.
      const timeless = buildOAuthClient(caller.client.client_id, Number.MAX_SAFE_INTEGER)
      return [response, await processRefreshTokenResponse(as, timeless, response)]
    },
  )
}

/** Revokes a token (RFC 7009 section 2.1). */
export function revokeToken(caller: Caller, as: AuthorizationServer, token: string): Promise<void> {
  return callServer(caller, 'the revocation endpoint', as.revocation_endpoint!, async (options) =>
    processRevocationResponse(
      await revocationRequest(as, caller.client, clientAuthentication, token, options),
    ),
  )
}

/** When a token ends that is good for so many seconds, in milliseconds since 1970. */
export function toEnd(seconds: number | undefined): number {
  return seconds === undefined ? Number.MAX_SAFE_INTEGER : Date.now() + seconds * 1000
}

/**
 * Checks the characters of an access token: with others a browser refuses the header that carries it, and its error message can
 * have the token in it. RFC 6750 section 2.1 allows fewer; servers that use a few more are not turned away. Throws
 * `invalid_token_response`.
 */
export function checkAccessToken(token: string): void {
  if (/[^!-~]/.test(token))
    throw new AuthError(
      'invalid_token_response',
      'the server issued an "access_token" with characters that are not valid in a header',
      { cause: { claim: 'access_token' } },
    )
}

function requestToken(
  caller: Caller,
  as: AuthorizationServer,
  { scope = '', resource, sub, nonce, user }: Expected,
  parameters: RefreshRequest,
  getKeys: GetKeys,
  exchange: (
    options: CallOptions & { additionalParameters: [string, string][] },
  ) => Promise<[Response, TokenEndpointResponse]>,
): Promise<Grant> {
  const additionalParameters = Object.entries(parameters).filter((entry) => entry[1])
  return callServer(caller, 'the token endpoint', as.token_endpoint!, async (options) => {
    const [response, result] = await exchange({ ...options, additionalParameters })
    const {
      access_token: accessToken,
      token_type: tokenType,
      id_token: idToken,
      expires_in,
      refresh_token: refreshToken,
      authorization_details: details,
    } = result
    checkAccessToken(accessToken)
    if (tokenType !== (caller.dpop ? 'dpop' : 'bearer')) throw refuse('invalid_token_response', 'token_type')
    const claims = getValidatedIdTokenClaims(result)
    // Some servers answer a refresh with the ID token of the login: its times and its hash are those of then, and it is no news.
    const repeated = claims && user && isRepeated(claims, user)
    let unjudged: AuthError | undefined
    if (claims) {
      const expected = { azp: caller.client.client_id, sub, nonce }
      await checkIdToken(idToken!, claims, expected, repeated ? undefined : accessToken)
      try {
        await verifyIdTokenSignature(as, response, getKeys)
        if (!repeated) checkIdTokenTimes(claims, caller.clockTolerance)
      } catch (error) {
        unjudged = error as AuthError
        if (unjudged.code === 'invalid_id_token') throw error
      }
    }
    return {
      tokenSet: {
        accessToken,
        tokenType,
        expiresAt: toEnd(expires_in),
        receivedAt: Date.now(),
        // Left out means: as asked for (RFC 6749 section 5.1).
        scope: result.scope ?? scope,
        ...(resource && { resource }),
        ...(details && { authorizationDetails: details as object[] }),
      },
      refreshToken,
      ...(!repeated && claims && { idToken, claims }),
      unjudged,
    }
  })
}
