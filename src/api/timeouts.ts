/** Time limits in milliseconds, above 0. Browsers limit them to about 24 days. */
export interface Timeouts {
  /**
   * How long a login by popup or overlay may take before it rejects with `timeout`. A response that arrives up to two minutes later
   * still logs the user in.
   *
   * @default 600000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { popup: 120_000 } })
   */
  popup?: number | undefined
  /**
   * How long a redirect login may take, from leaving the page to returning. A later response is rejected with
   * `unknown_transaction`.
   *
   * @default 900000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { transaction: 300_000 } })
   */
  transaction?: number | undefined
  /**
   * How long a hidden iframe may take to respond before the call rejects with `frame_silent`.
   *
   * If the response to a refresh token was lost, the iframe is tried first, for at most 3 s, before that token is sent again. If the
   * server then rejects the token, the iframe gets the full time.
   *
   * @default 10000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { iframe: 5_000 } })
   */
  iframe?: number | undefined
  /**
   * How long one request to the server may take before it fails with `timeout`.
   *
   * @default 10000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { request: 5_000 } })
   */
  request?: number | undefined
}
