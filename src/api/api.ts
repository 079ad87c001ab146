/** An API that `fetch` may send a token to. */
export interface Api {
  /**
   * Origin and path prefix; matches whole path segments only, and the longest match wins. A path alone is on the page's own
   * origin, as behind the proxy of a development server. `https:`, or `http:` on this device itself. `fetch` rejects with
   * `origin_not_allowed` for what no entry covers.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com/v1' }, { url: '/api' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', apis })
   * const response = await auth.fetch('/api/orders')
   */
  url: string | URL
  /**
   * The resource whose token this API takes, one of those of the login: any other is `resource_not_requested`.
   *
   * @default the first of the login's
   * @example
   * import { createClient } from 'latchkey'
   * const resource = 'https://api.example.com'
   * const apis = [{ url: 'https://api.example.com/v1', resource }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', resource, apis })
   * @see RFC 8707 section 2.2
   */
  resource?: string | undefined
  /**
   * Space-separated scope of the token that this API takes; less granted is `insufficient_scope`.
   *
   * @default the login's scope
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com', scope: 'orders:read' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'openid orders:read', apis })
   * @see RFC 6749 section 3.3
   */
  scope?: string | undefined
}
