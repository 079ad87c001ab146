import {
  getValidatedIdTokenClaims,
  type AuthorizationServer,
  type IDToken,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import { withoutUndefined } from '../base/without-undefined.js'
import type { AuthError } from '../base/errors.js'
import type { Claims } from '../api/claims.js'
import type { TokenSet } from '../api/token-set.js'
import { refuse } from './refuse.js'
import { toEnd } from './to-end.js'
import {
  checkIdToken,
  checkIdTokenTimes,
  isRepeated,
  verifyIdTokenSignature,
  type GetKeys,
} from './id-token.js'
import { buildOAuthClient, type Caller } from './server-call.js'
import { sendTokenRequest } from './token-endpoint.js'
import type { Transaction } from './transaction.js'
import { isOpenId } from './scope.js'
import { withoutPrototype } from '../base/without-prototype.js'
import { selectKeys } from './tenant.js'

/**
 * The fields that announce when the session ends, in seconds: Keycloak's, one that several servers use, and those of
 * draft-ietf-oauth-refresh-token-expiration.
 */
const endNames = [
  'refresh_expires_in',
  'refresh_token_expires_in',
  'refresh_token_timeout',
  'authorization_expires_in',
] as const

/** The validated response of a token endpoint. */
export interface Grant {
  tokenSet: TokenSet
  refreshToken?: string | undefined
  idToken?: string | undefined
  claims?: IDToken | undefined
  /** When the session ends, by the field that announced it, in milliseconds since 1970. */
  ends?: Record<string, number> | undefined
  /**
   * Why the ID token could not be verified for now: the keys are not available, or the clock is wrong. Only the refresh token may
   * be used nevertheless.
   */
  unverified?: AuthError | undefined
}

/** The parameters of a refresh: RFC 6749 section 6, RFC 8707 section 2.2. */
export interface RefreshRequest {
  resource?: string | undefined
  scope?: string | undefined
  /** As JSON (RFC 9396 section 6). */
  authorization_details?: string | undefined
}

/** What the response must match. */
interface Expected extends RefreshRequest {
  sub?: string | undefined
  /** The issuer of the session's ID token. It can only differ if the server has an issuer for each tenant. */
  iss?: string | undefined
  nonce?: string | undefined
  /** The claims of the session's ID token. */
  user?: Claims | null
}

/** Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5) and validates everything that comes with the token. */
export async function redeemCode(
  caller: Caller,
  as: AuthorizationServer,
  transaction: Transaction,
  code: string,
  owner: Pick<Expected, 'sub' | 'iss'>,
  getKeys: GetKeys,
): Promise<Grant> {
  const { redirectUri, codeVerifier, nonce, maxAge, acrValues, scope } = transaction
  const resource = transaction.resources[0]
  const grant = await requestToken(
    caller,
    as,
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      resource,
    },
    { resource, scope, nonce, ...owner },
    getKeys,
  )
  const { claims, unverified } = grant
  // Only the ID token says which tenant the user is from.
  if ((isOpenId(scope) || caller.tenants) && !claims) throw refuse('invalid_token_response', 'id_token')
  if (claims && claims.nonce !== nonce) throw refuse('invalid_id_token', 'nonce')
  if (unverified) throw unverified
  const acr = typeof claims?.['acr'] === 'string' ? claims['acr'] : undefined
  const at = typeof claims?.auth_time === 'number' ? claims.auth_time : undefined
  if (acrValues && !acrValues.split(' ').includes(acr!))
    throw refuse(
      'unmet_authentication_requirements',
      'acr',
      `the server returned "acr" ${acr} instead of ${acrValues}: check its "acr_values_supported"`,
    )
  const age = Date.now() / 1000 - at!
  if (maxAge !== undefined && !(age <= maxAge + caller.clockTolerance))
    throw refuse(
      'unmet_authentication_requirements',
      'auth_time',
      `the server returned "auth_time" ${at}, which is not within ${maxAge} s: check that it supports "max_age"`,
    )
  return grant
}

/** Redeems a refresh token and validates everything that comes with the new token. The caller must look at `unverified`. */
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
    { grant_type: 'refresh_token', refresh_token: refreshToken, ...request },
    { ...session, ...withoutUndefined(request) },
    getKeys,
  )
}

/** Sends a token request and validates what both grants have in common; `redeemCode` checks what a login requires in addition. */
async function requestToken(
  caller: Caller,
  as: AuthorizationServer,
  parameters: Record<string, string | undefined>,
  expected: Expected,
  getKeys: GetKeys,
): Promise<Grant> {
  const { resource, user } = expected
  const { client, clockTolerance, dpop, tenants } = caller
  const form = Object.entries(parameters).filter((entry) => entry[1]) as [string, string][]
  // The library would check the times first: a wrong clock would hide other faults, and lose the refresh token.
  const timeless = buildOAuthClient(client.client_id, Number.MAX_SAFE_INTEGER)
  const read = async (result: TokenEndpointResponse, response: Response): Promise<Grant> => {
    const answer = withoutPrototype(result)
    const { access_token: accessToken, token_type: tokenType, id_token: idToken } = answer
    if (tokenType !== (dpop ? 'dpop' : 'bearer')) throw refuse('invalid_token_response', 'token_type')
    const claims = idToken === undefined ? undefined : getValidatedIdTokenClaims(result)
    // Some servers answer a refresh with the ID token of the login. Its times and its hash are those of the login, and it is not
    // stored again.
    const isRepeat = claims && user && isRepeated(claims, user)
    let unverified: AuthError | undefined
    if (claims) {
      const { sub, iss, nonce } = expected
      const required = { azp: client.client_id, sub, iss: tenants && iss, nonce }
      await checkIdToken(idToken!, claims, required, isRepeat ? undefined : accessToken)
      try {
        await verifyIdTokenSignature(as, response, async (fresh) => {
          const keys = await getKeys(fresh)
          return tenants ? selectKeys(keys, as, tenants, claims) : keys
        })
        if (!isRepeat) checkIdTokenTimes(claims, clockTolerance)
      } catch (error) {
        unverified = error as AuthError
        if (unverified.code === 'invalid_id_token') throw error
      }
    }
    const { authorization_details: details } = answer
    const ends: Record<string, number> = {}
    for (const name of endNames) {
      const seconds = answer[name]
      // Keycloak sends 0 for a session that does not end.
      if (typeof seconds === 'number' && seconds > 0) ends[name] = Math.round(toEnd(seconds))
    }
    return {
      tokenSet: {
        accessToken,
        tokenType,
        expiresAt: toEnd(answer.expires_in),
        receivedAt: Date.now(),
        // If the server omits it, it is the requested scope (RFC 6749 section 5.1).
        scope: answer.scope ?? expected.scope ?? '',
        ...(resource && { resource }),
        ...(details && { authorizationDetails: details as object[] }),
      },
      refreshToken: answer.refresh_token,
      ends,
      ...(!isRepeat && claims && { idToken, claims }),
      unverified,
    }
  }
  return sendTokenRequest(caller, as, new URLSearchParams(form), timeless, read)
}
