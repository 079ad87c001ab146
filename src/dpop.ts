import type { DPoPCapability } from './api/dpop.js'
import { sendWithProof } from './add-ons/dpop/dpop-fetch.js'
import { openDPoPKey } from './add-ons/dpop/key.js'

export type { DPoPCapability, DPoPKey, ProofRequest } from './api/dpop.js'
export { fetchWithToken } from './add-ons/dpop/fetch-with-token.js'

/**
 * Binds all tokens of a client to a key in this browser (DPoP, RFC 9449), so that a stolen token cannot be used elsewhere.
 *
 * The key is a non-extractable ES256 key in IndexedDB, one for each issuer and client. If the key is lost, the session ends and the
 * user has to log in again. DPoP does not protect against XSS: a script in the page can use the key while the page is open (RFC
 * 10017 section 5.1.3). If the server or an API requires nonces, it must expose `DPoP-Nonce` and `WWW-Authenticate` to the page
 * (CORS).
 *
 * The server's metadata must list ES256 in `dpop_signing_alg_values_supported`. Otherwise `login()` rejects with `discovery_failed`;
 * after `prepare()`, it does so before a window opens. Metadata from the option `metadata` is not checked for this.
 *
 * With `dpop()`, `login()`, `getToken()` and `fetch()` can also reject with `invalid_dpop_proof`, `use_dpop_nonce` (CORS hides the
 * nonce) and `body_not_replayable`. If the server issues a `Bearer` token, they reject with `invalid_token_response`.
 *
 * @example
 * import { createClient } from 'latchkey'
 * import { dpop } from 'latchkey/dpop'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', dpop: dpop() })
 * @see RFC 9449
 */
export function dpop(): DPoPCapability {
  return { open: openDPoPKey, send: sendWithProof }
}
