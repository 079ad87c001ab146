/** Time limits, in milliseconds. */
export interface Timeouts {
  /** How long a popup may take to answer. @default 600000 */
  popup: number
  /** How long a redirect login may take from leaving to coming back. @default 900000 */
  transaction: number
  /** How long a hidden iframe may take to answer. @default 10000 */
  iframe: number
  /** How long one request to the server may take. @default 10000 */
  request: number
}
