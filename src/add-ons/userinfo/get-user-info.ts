import { AuthError } from '../../base/errors.js'
import type { Client } from '../../api/client.js'
import { checkUserInfoEndpoint, requestUserInfo, type UserInfo } from './userinfo-request.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { getKnownView, requireSession } from '../../session/tokens.js'

/** Options of `getUserInfo`. */
export interface UserInfoOptions {
  /**
   * Cancels the call, which then rejects with `signal.reason`. A token renewal in progress continues.
   *
   * @example
   * import { getUserInfo } from 'latchkey/userinfo'
   * const claims = await getUserInfo(auth, { signal: AbortSignal.timeout(5000) })
   */
  signal?: AbortSignal | undefined
}

/**
 * Gets the claims of the user from the userinfo endpoint: often more than the ID token has, and always current.
 *
 * Each call is a request; the result is not stored, and `getUser()` and the state do not change. The request uses the access token of
 * the session. If the login requested resources (RFC 8707), those tokens are for the resources only, so `getUserInfo` gets one
 * without a resource, which is renewed and stored like the others. After a 401, it retries once with a new token (RFC 6750 section
 * 3.1), even if the server does not expose `WWW-Authenticate`, unless the rejected token is less than 10 seconds old. With
 * `dpop()`, the request includes a proof.
 *
 * If the claims are not about the user of the ID token, it rejects with `user_changed` (section 5.3.2). A signed response is
 * verified, or rejected with `invalid_id_token`; encrypted responses are not supported. No other claims are checked.
 *
 * Rejects with `login_required` if nobody is logged in or the session ends during the call; with `insufficient_scope` if the login did
 * not request `openid`; with `discovery_failed` if the metadata has no `userinfo_endpoint`; with `invalid_response` if the response is
 * invalid; with `authorization_failed` if the server rejects the token, with the reason in `error` (`invalid_token`,
 * `insufficient_scope`); with `network_error`, `timeout`, `server_error`, `temporarily_unavailable`, `invalid_dpop_proof`,
 * `use_dpop_nonce`, `client_closed`, `no_window` and `insecure_context`; and with every error of `getToken()`. Rejects with a
 * `TypeError` if `auth` is not a client.
 *
 * @example
 * import { getUserInfo } from 'latchkey/userinfo'
 * const { email } = await getUserInfo(auth)
 * @see OpenID Connect Core section 5.3
 */
export async function getUserInfo(auth: Client, { signal }: UserInfoOptions = {}): Promise<UserInfo> {
  return getAddOn(auth, createUserInfo)(signal)
}

/** Creates the userinfo call of one client. */
function createUserInfo(
  { session, vault, getTokenSet, guard }: AddOnHost,
  client: Client,
): (signal?: AbortSignal) => Promise<UserInfo> {
  const load = async (): Promise<UserInfo> => {
    await client.ready()
    const { user, resources, loggedInAt } = requireSession(await getKnownView(session))
    if (!user)
      throw new AuthError(
        'insufficient_scope',
        'the login did not request the scope "openid": add it to "scope"',
      )
    const { metadata } = await vault.server()
    checkUserInfoEndpoint(metadata)
    const checkSession = () => {
      if (session.getView().session?.loggedInAt !== loggedInAt)
        throw new AuthError(
          'login_required',
          'the session ended or changed during the call: check getState()',
        )
    }
    const request = async (rejected?: { token: string; error: unknown }): Promise<UserInfo> => {
      // A token for a resource is for that API only (RFC 8707 section 2). The server itself accepts a token without a resource.
      const { accessToken } = await getTokenSet(resources.length ? { resource: '' } : {}, rejected?.token)
      checkSession()
      if (accessToken === rejected?.token) throw rejected.error
      try {
        return await vault.grant(
          Object.entries({ access_token: accessToken, sub: user.sub }),
          requestUserInfo,
        )
      } catch (error) {
        if (rejected || (error as AuthError).error !== 'invalid_token') throw error
        return request({ token: accessToken, error })
      }
    }
    const claims = await request()
    checkSession()
    return claims
  }
  return (signal) => guard(load, signal)
}
