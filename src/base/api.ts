/** An API that `fetch` may send a token to. */
export interface Api {
  /** Origin and path prefix; matches whole path segments only. */
  url: string
  /** The resource (RFC 8707) whose token this API takes. */
  resource?: string
  /** The scope of the token that this API takes. */
  scope?: string
}
