import { AuthError } from '../../base/errors.js'
import type { Client } from '../../api/client.js'
import { checkUserInfoEndpoint, requestUserInfo, type UserInfo } from './userinfo-request.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { requireSession } from '../../session/tokens.js'

/** Options of `getUserInfo`. */
export interface UserInfoOptions {
  /**
   * Ends this caller's wait with `signal.reason`; a renewal of the token that it waits for goes on.
   *
   * @example
   * import { getUserInfo } from 'latchkey/userinfo'
   * const claims = await getUserInfo(auth, { signal: AbortSignal.timeout(5000) })
   */
  signal?: AbortSignal | undefined
}

/**
 * Asks the server for the claims of the user: more of them than the ID token has, or as they are now.
 *
 * Each call is a request; its answer is kept nowhere, and `getUser()` and the state stay as they were. The access token is the
 * session's own; where the login was for resources (RFC 8707), whose tokens are for nobody else, it is one for none of them,
 * renewed and kept beside theirs. After a 401 the request is sent once more with a fresh one (RFC 6750 section 3.1), also where
 * the server does not expose `WWW-Authenticate`, unless the refused one came less than 10 s ago. With `dpop()` it is sent with a proof.
 *
 * The claims are about the user of the ID token, or it rejects with `user_changed` (section 5.3.2). A signed answer is verified,
 * or it is `invalid_id_token`; one that is encrypted is not supported. No other claim was checked.
 *
 * Rejects with `login_required` when nobody is logged in, or the session ends meanwhile; with `insufficient_scope` when the login
 * had no `openid`; with `discovery_failed` when the server's metadata has no `userinfo_endpoint`; with `invalid_response` when its
 * answer cannot be used; with `authorization_failed` when it refuses the token, and `error` says why (`invalid_token`,
 * `insufficient_scope`); with `network_error`, `timeout`, `server_error`, `temporarily_unavailable`, `invalid_dpop_proof`,
 * `use_dpop_nonce`, `client_closed`, `no_window` and `insecure_context`; with whatever `getToken()` rejects with; with a
 * `TypeError` when `auth` is no client.
 *
 * @example
 * import { getUserInfo } from 'latchkey/userinfo'
 * const { email } = await getUserInfo(auth)
 * @see OpenID Connect Core section 5.3
 */
export async function getUserInfo(auth: Client, { signal }: UserInfoOptions = {}): Promise<UserInfo> {
  return getAddOn(auth, createUserInfo)(signal)
}

/** Creates the userinfo request of one client. */
function createUserInfo(
  { session, vault, getTokenSet, guard }: AddOnHost,
  client: Client,
): (own?: AbortSignal) => Promise<UserInfo> {
  const ask = async (): Promise<UserInfo> => {
    await client.ready()
    const { user, resources, loggedInAt } = requireSession(session.getView(), {})
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
    const request = async (refused?: { token: string; error: unknown }): Promise<UserInfo> => {
      // Tokens for a resource are for nobody else (RFC 8707 section 2); one for none is for the server itself.
      const { accessToken } = await getTokenSet(resources.length ? { resource: '' } : {}, refused?.token)
      checkSession()
      if (accessToken === refused?.token) throw refused.error
      try {
        return await vault.grant(
          Object.entries({ access_token: accessToken, sub: user.sub }),
          requestUserInfo,
        )
      } catch (error) {
        if (refused || (error as AuthError).error !== 'invalid_token') throw error
        return request({ token: accessToken, error })
      }
    }
    const claims = await request()
    checkSession()
    return claims
  }
  return (own) => guard(ask, own)
}
