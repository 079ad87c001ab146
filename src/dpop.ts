import type { DPoPCapability } from './api/dpop.js'
import { sendWithProof } from './add-ons/dpop/dpop-fetch.js'
import { openDPoPKey } from './add-ons/dpop/key.js'

export type { DPoPCapability, DPoPKey, ProofRequest } from './api/dpop.js'
export { fetchWithToken } from './add-ons/dpop/fetch-with-token.js'

/**
 * Binds all tokens of a client to a key of this browser (DPoP, RFC 9449): a stolen token is of no use elsewhere.
 *
 * The key is ES256, cannot be extracted, and lies in IndexedDB, one for each issuer and client. Without it the session is
 * lost: the user logs in again. Script in the page can still use the key while the page is open (RFC 10017 section 5.1.3).
 * The server and the APIs must expose `DPoP-Nonce` and `WWW-Authenticate` to the page (CORS) where they want nonces.
 *
 * `login()`, `getToken()` and `fetch()` then also reject with `invalid_dpop_proof`, `use_dpop_nonce` (the nonce cannot be
 * read here) and `body_not_replayable`; a server that answers with a `Bearer` token is refused as `invalid_token_response`.
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
