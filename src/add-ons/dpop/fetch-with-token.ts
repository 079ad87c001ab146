import { checkOption } from '../../base/check-option.js'
import type { Client } from '../../api/client.js'
import type { TokenSet } from '../../api/token-set.js'
import type { ExchangedToken } from '../exchange/token-exchange.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { authorizedFetch } from '../../fetch/authorized-fetch.js'

/**
 * Fetches with an access token that is none of the session's, such as one of `exchangeToken`: with the proof of this client's
 * key, and once more where the API wants a nonce (RFC 9449 section 9). Without `dpop()` the token is sent as a bearer token.
 *
 * It is as careful as `fetch` of the client: an entry of `apis` must cover the URL, and no redirect is followed. Its `resource` and
 * `scope` are not looked at: they say which token of the session's goes there. The first answer is given back, a 401 too: whoever
 * has the token can get another one.
 *
 * Rejects with `origin_not_allowed`, `redirect_refused`, `body_not_replayable` (the API wants a nonce, and the body was a stream),
 * `client_closed`, `no_window` and `insecure_context`; with whatever the browser's `fetch` rejects with; with a `TypeError` when `auth`
 * is no client, or the token is not of its type: no access token (`n_a`), or bound to no key.
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

/** An access token, and how to use it. */
type Sendable = Pick<ExchangedToken, 'token' | 'tokenType'>

/** Creates the part of one client that sends other tokens. */
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
