import { AuthError } from '../../base/errors.js'
import type { Client } from '../../api/client.js'
import {
  buildExchangeForm,
  isIdToken,
  requestExchange,
  type ExchangedToken,
  type ExchangeRequest,
} from './token-exchange.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { createIdTokenRenewal } from '../../session/id-token-renewal.js'
import { checkOwner, identifyOwner, isFresh } from '../../session/tokens.js'
import { buildStoreError } from '../../vault/store-error.js'

/** Options of `exchangeToken`. */
export interface ExchangeOptions extends ExchangeRequest {
  /**
   * Whether to cache the new token in memory. Calls with `cache` and the same parameters (including subject and actor token) return
   * it while it is valid for at least 30 seconds. A logout or a new login clears the cache.
   *
   * @default false
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { audience: 'https://billing.example.com', cache: true })
   */
  cache?: boolean | undefined
  /**
   * Cancels the call, which then rejects with `signal.reason`. A request that other calls share continues.
   *
   * @default none
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const signal = AbortSignal.timeout(5_000)
   * const { token } = await exchangeToken(auth, { audience: 'https://billing.example.com', signal })
   */
  signal?: AbortSignal | undefined
}

/**
 * Exchanges a token for another one (RFC 8693): for a downstream API, with a narrower scope, or of another type.
 *
 * Without `actorToken`, this is **impersonation**: the new token represents the subject, and its recipient cannot tell that someone
 * else is using it (section 1.1). With `actorToken`, it is **delegation**: the token is still about the subject, and its `act` claim
 * names the actor (section 4.1), so that the recipient sees both, and can allow, log or refuse the request. Earlier actors are
 * nested in that claim for information only: access decisions consider only the outermost. The server decides who may act for whom,
 * by the `may_act` claim of the subject token (section 4.4) or by its own rules.
 *
 * The new token is returned and not stored; with `cache`, it is cached in memory. `getToken()` and the session are unaffected, even
 * if the exchange fails. Simultaneous calls with the same parameters share one request. If the server also issues a refresh token,
 * it is discarded, and revoked unless the subject is a token of the session.
 *
 * Rejects with the error of the server: `invalid_request` (a token has expired or is not accepted, section 2.2.2), `invalid_target`
 * (the audience or resource), `invalid_scope`, `invalid_grant`, `access_denied`, `unauthorized_client`, `unsupported_grant_type`;
 * with `invalid_token_response` if the response has no `issued_token_type`; with `login_required` if the subject would be a token of
 * the session and nobody is logged in, or if the session ends during the call; with `user_changed` if another user logs in during the
 * call; with `busy` and `vault_unavailable` if the refresh token cannot be sent now; with `network_error`, `timeout`, `server_error`, `temporarily_unavailable`, `discovery_failed`, `client_closed`,
 * `no_window` and `insecure_context`; and, if the subject is the access token of the session, with every error of `getToken()`.
 * Rejects with a `TypeError` for an invalid option, such as `requestedTokenType: 'refresh_token'`.
 *
 * @example
 * import { exchangeToken } from 'latchkey/exchange'
 * const { token } = await exchangeToken(auth, { audience: 'https://billing.example.com', scope: 'bills:read' })
 * @see RFC 8693
 */
export async function exchangeToken(auth: Client, options: ExchangeOptions = {}): Promise<ExchangedToken> {
  return getAddOn(auth, createExchange)(options)
}

/** Creates the token exchange of one client. */
function createExchange(
  host: AddOnHost,
  client: Client,
): (options: ExchangeOptions) => Promise<ExchangedToken> {
  const { session, vault, guard, withRefreshToken } = host
  const requests = new Map<string, Promise<ExchangedToken>>()
  const cached = new Map<string, ExchangedToken>()
  const renewIdToken = createIdTokenRenewal(host)
  client.subscribe(() => cached.clear())

  return ({ cache, signal, ...request }) => {
    const form = buildExchangeForm(request)
    return guard(async () => {
      await client.ready()
      const typesToFillIn = ['subject', 'actor'].flatMap((role) =>
        form.has(`${role}_token`) ? [] : form.getAll(`${role}_token_type`),
      )
      const sendsIdToken = typesToFillIn.some(isIdToken)
      // Another tab may have logged in another user: the vault fills in what is stored.
      if (sendsIdToken) await session.sync()
      // Our own access token by default. Our own refresh token and ID token are filled in by the vault.
      if (!form.has('subject_token') && form.get('subject_token_type')!.endsWith('access_token'))
        form.set('subject_token', await client.getToken())
      const owner = identifyOwner(session.getView())
      // With the owner, so that one user never gets the token of another, even if the state did not change.
      const key = `${owner} ${form}`
      let token = cache && cached.get(key)
      if (!token || !isFresh(token)) {
        const work = async () => {
          const issued = await vault.grant([...form], requestExchange)
          if (owner) checkOwner(session.getView(), owner)
          return issued
        }
        const send = async () => {
          const expiry = client.getUser()?.exp
          // If this fails, or brings no other ID token, the old one is sent, and the server decides.
          if (sendsIdToken && Number(expiry) * 1000 <= Date.now()) await renewIdToken(expiry).catch(() => {})
          if (form.has('subject_token') || isIdToken(form.get('subject_token_type')!)) return work()
          return withRefreshToken(async () => {
            // Its last use got no answer. The server may have replaced it, and could end the session if it receives the
            // old one.
            const stored = (await session.sync()).session
            if (stored?.isWithheld) throw buildStoreError()
            if (stored?.inDoubt)
              throw new AuthError(
                'busy',
                'the server may have replaced the refresh token: call getToken() first',
              )
            return work()
          })
        }
        const exchange = requests.get(key) ?? send()
        requests.set(key, exchange)
        exchange.finally(() => requests.delete(key)).catch(() => {})
        token = await exchange
        if (cache) cached.set(key, token)
      }
      // A copy, because callers that share a request may change the object.
      return structuredClone(token)
    }, signal)
  }
}
