/** An API that `fetch` may send tokens to. */
export interface Api {
  /**
   * The origin of the API, with an optional path prefix. The prefix matches whole path segments, and the longest match wins. Must be
   * `https:`, or `http:` on localhost. A path alone, such as `/api`, is resolved against the origin of the page, which suits the
   * proxy of a development server.
   *
   * `fetch` rejects with `origin_not_allowed` if no entry covers a URL. An entry with a path does not cover URLs with encoded dots or
   * slashes in the path.
   *
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com/v1' }, { url: '/api' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', apis })
   * const response = await auth.fetch('/api/orders')
   */
  url: string | URL
  /**
   * The resource that tokens for this API are issued for. Must be one that the login requested; `fetch` rejects with
   * `resource_not_requested` otherwise.
   *
   * @default the first resource of the login
   * @example
   * import { createClient } from 'latchkey'
   * const resource = 'https://api.example.com'
   * const apis = [{ url: 'https://api.example.com/v1', resource }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', resource, apis })
   * @see RFC 8707 section 2.2
   */
  resource?: string | undefined
  /**
   * The scope of the token for this API, space-separated. `fetch` rejects with `insufficient_scope` if the server granted less.
   *
   * @default the scope of the login
   * @example
   * import { createClient } from 'latchkey'
   * const apis = [{ url: 'https://api.example.com', scope: 'orders:read' }]
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'openid orders:read', apis })
   * @see RFC 6749 section 3.3
   */
  scope?: string | undefined
}
