import { checkOption } from '../../base/check-option.js'
import type { Client } from '../../api/client.js'
import type { TokenSet } from '../../api/token-set.js'
import type { ExchangedToken } from '../exchange/token-exchange.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { authorizedFetch } from '../../fetch/authorized-fetch.js'

/**
 * Fetches with an access token that is not from the session, such as one from `exchangeToken`. With `dpop()`, the request includes a
 * proof with the client's key, and is retried once if the API requires a nonce (RFC 9449 section 9). Without it, the token is sent as
 * a bearer token.
 *
 * The rules of `auth.fetch` apply: an entry of `apis` must cover the URL, and redirects are not followed. The `resource` and `scope` of
 * the entry are ignored, because they select a token of the session. The first response is returned, even a 401: get a new token and
 * call it again.
 *
 * Rejects with `origin_not_allowed`, `redirect_refused`, `body_not_replayable` (the API requires a nonce and the body is a stream),
 * `client_closed`, `no_window` and `insecure_context`; with any error of the browser's `fetch`; and with a `TypeError` if `auth` is not
 * a client, or if the token type does not fit the client: `n_a` is not an access token, and a client with `dpop()` needs `dpop`.
 *
 * @example
 * import { fetchWithToken } from 'latchkey/dpop'
 * import { exchangeToken } from 'latchkey/exchange'
 * const issued = await exchangeToken(auth, { audience: 'https://billing.example.com' })
 * const response = await fetchWithToken(auth, issued, 'https://billing.example.com/bills')
 * @see RFC 9449 section 7.1, RFC 6750 section 2.1
 */
export async function fetchWithToken(
  auth: Client,
  token: Pick<ExchangedToken, 'token' | 'tokenType'>,
  input: RequestInfo | URL,
  init?: RequestInit,
): Promise<Response> {
  return getAddOn(auth, createTokenFetch)(token, input, init)
}

/** An access token and its type. */
type Sendable = Pick<ExchangedToken, 'token' | 'tokenType'>

/** Creates `fetchWithToken` for one client. */
function createTokenFetch(
  host: AddOnHost,
): (token: Sendable, input: RequestInfo | URL, init?: RequestInit) => Promise<Response> {
  return ({ token: accessToken, tokenType }, input, init) => {
    const type = host.config.dpop ? 'dpop' : 'bearer'
    checkOption('token', accessToken && tokenType === type, `an access token of type "${type}"`)
    const getTokenSet = async () => ({ accessToken }) as TokenSet
    return host.guard(() => authorizedFetch({ ...host, getTokenSet }, undefined, input, init))
  }
}
