import type { AuthorizationServer } from 'oauth4webapi'

/** The options of `createClient` that describe the authorization server, besides `issuer`. */
export interface ServerOptions {
  /**
   * The tenants of Microsoft Entra ID whose users may log in: a list of tenant IDs, or `any`. Requires `{tenantid}` in `issuer`, as in
   * the metadata of the authorities `common` and `organizations`; the metadata is read from `common`.
   *
   * The ID token's `tid` must be one of them, and its `iss` must be the issuer of that tenant. Otherwise a login or a renewal rejects with
   * `invalid_id_token`; `cause.claim` is `tid` if the tenant is not allowed. With `any`, your API has to check the tenant.
   *
   * @default none: the server has one issuer
   * @example
   * import { createClient } from 'latchkey'
   * const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0'
   * const auth = createClient({ issuer, clientId: 'spa', tenants: ['72f988bf-86f1-41af-91ab-2d7cd011db47'] })
   * @see OpenID Connect Core section 3.1.3.7, RFC 9700 section 4.4.2
   */
  tenants?: string[] | 'any' | undefined
  /**
   * Which metadata document to load: `oidc` for `/.well-known/openid-configuration`, `oauth2` for
   * `/.well-known/oauth-authorization-server`. Calls reject with `discovery_failed` if the server does not have it.
   *
   * @default 'oidc'
   * @example
   * import { createClient } from 'latchkey'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', discovery: 'oauth2' })
   * @see RFC 8414 section 3, OpenID Connect Discovery section 4
   */
  discovery?: 'oidc' | 'oauth2' | undefined
  /**
   * The server's metadata. Use it to skip discovery: no request is made, and the issuer in it is not checked.
   *
   * `authorization_endpoint` and `token_endpoint` are required; so is `jwks_uri` with the scope `openid`, and
   * `userinfo_endpoint` for `getUserInfo`.
   *
   * @default loaded by discovery
   * @example
   * import { createClient } from 'latchkey'
   * const metadata = { authorization_endpoint: 'https://id.example.com/auth', token_endpoint: 'https://id.example.com/token' }
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', scope: 'orders:read', metadata })
   * @see RFC 8414 section 2
   */
  metadata?: Partial<AuthorizationServer> | undefined
  /**
   * The URL of a non-standard logout, such as Amazon Cognito's. `logout()` navigates to this URL, and adds `client_id` and the `params`
   * of `logout()` to its query, but neither the ID token nor `returnTo`.
   *
   * @default `end_session_endpoint` of the metadata
   * @example
   * import { createClient } from 'latchkey'
   * const endSessionUrl = 'https://shop.auth.eu-central-1.amazoncognito.com/logout?logout_uri=https://app.example.com/'
   * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa', endSessionUrl })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  endSessionUrl?: string | URL | undefined
}
