/** Time limits, in milliseconds above 0; the longest that a browser can wait is about 24 days. */
export interface Timeouts {
  /**
   * How long a popup or overlay may take to answer, else `timeout`. What a window answers later is still good for two minutes.
   *
   * @default 600000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { popup: 120_000 } })
   */
  popup?: number | undefined
  /**
   * How long a redirect login may take from leaving to coming back, else `unknown_transaction`.
   *
   * @default 900000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { transaction: 300_000 } })
   */
  transaction?: number | undefined
  /**
   * How long a hidden iframe may take to answer, else `frame_silent`.
   *
   * @default 10000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { iframe: 5_000 } })
   */
  iframe?: number | undefined
  /**
   * How long one request to the server may take, else `timeout`.
   *
   * @default 10000
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', timeouts: { request: 5_000 } })
   */
  request?: number | undefined
}
