import type { Client } from '../../api/client.js'
import { AuthError } from '../../base/errors.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { createIdTokenRenewal } from '../../session/id-token-renewal.js'
import { checkOwner, getKnownView, identifyOwner, requireSession } from '../../session/tokens.js'
import type { StoredIdToken } from '../../vault/vault.js'

/** How long an ID token must still be valid to be returned without a renewal, in seconds, as for access tokens. */
const minValidity = 30

/** Options of `getIdToken`. */
export interface IdTokenOptions {
  /**
   * Cancels the call, which then rejects with `signal.reason`. A renewal in progress continues.
   *
   * @default none
   * @example
   * import { getIdToken } from 'latchkey/id-token'
   * const idToken = await getIdToken(auth, { signal: AbortSignal.timeout(5000) })
   */
  signal?: AbortSignal | undefined
}

/**
 * Gets the raw ID token of the session, for a backend that requires one, such as Firebase, AWS identity pools, Hasura or Kubernetes.
 *
 * **It is not an access token.** It says who logged in to this app, and its audience is this app. Send an API the token of
 * `getToken()` instead, unless its documentation asks for an ID token. For the claims, use `getUser()`.
 *
 * If the ID token expires within 30 seconds, the session is renewed first. If that fails, or the server returns no new ID token, the
 * current one is returned as long as it is valid. Each call reads the token from the store. With `latchkey/worker`, the worker returns
 * it to the page.
 *
 * Rejects with `login_required` if nobody is logged in, the session ends during the call, or the ID token has expired and the server
 * does not issue another one with a refresh: call `login()` (`mode: 'silent'` is enough); with `insufficient_scope` if the login
 * did not request `openid`; with `user_changed` if another user logs in during the call; with `vault_unavailable`, `client_closed`,
 * `no_window` and `insecure_context`; and, if the session has to be renewed, with every error of `getToken()`. Rejects with a
 * `TypeError` if `auth` is not a client.
 *
 * @example
 * import { getIdToken } from 'latchkey/id-token'
 * const idToken = await getIdToken(auth)
 * @see OpenID Connect Core section 2, OpenID Connect Core section 12.2
 */
export async function getIdToken(auth: Client, { signal }: IdTokenOptions = {}): Promise<string> {
  return getAddOn(auth, createGetIdToken)(signal)
}

/** Creates the call of one client. */
function createGetIdToken(host: AddOnHost, client: Client): (signal?: AbortSignal) => Promise<string> {
  const { session, vault, guard } = host
  const renewIdToken = createIdTokenRenewal(host)
  let running: Promise<string> | undefined

  const load = async (): Promise<string> => {
    await client.ready()
    const view = await getKnownView(session)
    const { user } = requireSession(view)
    if (!user)
      throw new AuthError(
        'insufficient_scope',
        'the login did not request the scope "openid": add it to "scope"',
      )
    const owner = identifyOwner(view)
    const read = async (): Promise<StoredIdToken> => {
      const stored = await vault.idToken()
      // Another tab may have changed the session before this page was notified.
      if (stored.user?.sub !== owner) await session.sync()
      checkOwner(session.getView(), owner)
      return stored
    }
    let stored = await read()
    const isValid = (seconds: number) => {
      const { idToken, user } = stored
      return idToken && user?.sub === owner && Number(user!.exp) * 1000 > Date.now() + seconds * 1000
    }
    if (!isValid(minValidity)) {
      try {
        // Without an ID token, there is nothing that a renewal could have failed to replace.
        await renewIdToken(stored.idToken && stored.user?.exp)
      } catch (error) {
        if (!isValid(0)) throw error
      }
      stored = await read()
    }
    if (isValid(0)) return stored.idToken!
    throw new AuthError(
      'login_required',
      'the ID token has expired, and the refresh returned no new one: call login(), for example with mode "silent"',
    )
  }

  return (signal) =>
    guard(() => {
      // Simultaneous calls share one renewal.
      running ??= load().finally(() => (running = undefined))
      return running
    }, signal)
}
