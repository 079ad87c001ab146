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
import { checkOwner, identifyOwner, isFresh } from '../../session/tokens.js'

/** Options of `exchangeToken`. */
export interface ExchangeOptions extends ExchangeRequest {
  /**
   * Whether the new token is kept in memory, and given to calls with the same parameters (subject and actor token included)
   * and `cache` as long as it is good for 30 s. A logout and the next login drop it.
   *
   * @default false
   * @example
   * import { exchangeToken } from 'latchkey/exchange'
   * const { token } = await exchangeToken(auth, { audience: 'https://billing.example.com', cache: true })
   */
  cache?: boolean | undefined
  /**
   * Ends this caller's wait with `signal.reason`; a request that others share goes on.
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
 * Exchanges a token for another one (RFC 8693): for an API further on, with less scope, or of another type.
 *
 * Without `actorToken` it is **impersonation**: the new token is the subject's, and its receiver cannot tell whoever sends
 * it from the subject (section 1.1). With one it is **delegation**: the token is still about the subject, and its `act` claim says
 * who acts (section 4.1), so that the receiver sees both, and can allow, log or refuse that. Earlier actors stand nested in
 * there; they are history, and only the outermost counts for access. Whether an actor may act is for the server to say, by the
 * subject token's `may_act` claim (section 4.4) or rules of its own.
 *
 * The new token is handed to the caller and kept nowhere, unless `cache` is set, and then in memory: `getToken()` and the
 * stored session stay as they were, also when the exchange fails. The same call at the same time is one request. A refresh token
 * that comes along is dropped; and revoked, but where the subject is a token of the session itself.
 *
 * Rejects with what the server says: `invalid_request` (a token is expired or not acceptable, section 2.2.2), `invalid_target`
 * (the audience or resource), `invalid_scope`, `invalid_grant`, `access_denied`, `unauthorized_client`, `unsupported_grant_type`;
 * with `invalid_token_response` when its answer lacks `issued_token_type`; with `login_required` when nobody is logged in whose token
 * could be the subject, or the session ends meanwhile; with `user_changed` when another user logs in meanwhile; with `busy`, `network_error`, `timeout`, `server_error`,
 * `temporarily_unavailable`, `discovery_failed`, `client_closed`, `no_window` and `insecure_context`; with whatever `getToken()`
 * rejects with, where its token is the subject; with a `TypeError` for a wrong option, `requestedTokenType: 'refresh_token'` included.
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
  { session, vault, guard, withRefreshToken }: AddOnHost,
  client: Client,
): (options: ExchangeOptions) => Promise<ExchangedToken> {
  const running = new Map<string, Promise<ExchangedToken>>()
  const kept = new Map<string, ExchangedToken>()
  client.subscribe(() => kept.clear())

  return ({ cache, signal, ...request }) => {
    const form = buildExchangeForm(request)
    return guard(async () => {
      await client.ready()
      const fillsIn = ['subject', 'actor'].flatMap((role) =>
        form.has(`${role}_token`) ? [] : form.getAll(`${role}_token_type`),
      )
      if (fillsIn.some(isIdToken)) await renewIdToken(client)
      // Left out it is ours; a refresh token and an ID token stay where they are kept.
      if (!form.has('subject_token') && form.get('subject_token_type')!.endsWith('access_token'))
        form.set('subject_token', await client.getToken())
      const owner = identifyOwner(session.getView())
      // A token of another user is never found, also where the state did not change with the user.
      const key = `${owner} ${form}`
      let token = cache && kept.get(key)
      if (!token || !isFresh(token)) {
        const work = async () => {
          const issued = await vault.grant([...form], requestExchange)
          if (owner) checkOwner(session.getView(), owner)
          return issued
        }
        const exchange =
          running.get(key) ??
          (form.has('subject_token') || isIdToken(form.get('subject_token_type')!)
            ? work()
            : withRefreshToken(async () => {
                // Nobody knows what became of it when it was sent: the server may have replaced it, and an old one could end
                // the session.
                if ((await session.sync()).session?.inDoubt)
                  throw new AuthError(
                    'busy',
                    'the server may have replaced the refresh token: call getToken() first',
                  )
                return work()
              }))
        running.set(key, exchange)
        exchange.finally(() => running.delete(key)).catch(() => {})
        token = await exchange
        if (cache) kept.set(key, token)
      }
      // By value: callers that share a request do not share what they may change.
      return structuredClone(token)
    }, signal)
  }
}

/** Renews the session's ID token if it has expired. Not every renewal brings one; then the server judges the old one. */
async function renewIdToken(client: Client): Promise<void> {
  const exp = client.getUser()?.exp
  if (Number(exp) * 1000 <= Date.now()) await client.getToken({ minValidity: Number.MAX_SAFE_INTEGER })
}
