import type { AdapterPayload } from 'oidc-provider'
import type { AuthorizationServerOptions } from './options.js'
import { jwtBearer } from './jwt-bearer.js'
import { tokenExchange } from './token-exchange.js'

/** Builds the metadata of a registered client: a service, or a public app at any of the allowed origins. */
export function buildClient(options: AuthorizationServerOptions, id: string): AdapterPayload | undefined {
  return buildService(options, id) ?? buildApp(options, id)
}

function buildService(
  { services = {}, jwtIssuers }: AuthorizationServerOptions,
  id: string,
): AdapterPayload | undefined {
  if (!Object.hasOwn(services, id)) return undefined
  const service = services[id]!
  return {
    client_id: id,
    ...('secret' in service
      ? { client_secret: service.secret, token_endpoint_auth_method: 'client_secret_basic' }
      : { jwks: { keys: [service.publicKey] }, token_endpoint_auth_method: 'private_key_jwt' }),
    grant_types: ['client_credentials', tokenExchange, ...(jwtIssuers ? [jwtBearer] : [])],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
  }
}

function buildApp(options: AuthorizationServerOptions, id: string): AdapterPayload | undefined {
  const { clientId = 'demo-app', clientName = 'Demo app', appOrigins, appPaths = ['/'] } = options
  const { otherApps = { 'second-app': 'Second app' } } = options
  const native = (id === clientId && options.nativeRedirectUris) || []
  const name = new Map([...Object.entries(otherApps), [clientId, clientName]]).get(id)
  if (!name) return undefined
  return {
    client_id: id,
    client_name: name,
    application_type: native.length ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    response_types: ['code'],
    ...(options.authorizationDetailsTypes && {
      authorization_details_types: options.authorizationDetailsTypes,
    }),
    ...(options.frontChannelLogout &&
      id === clientId && {
        frontchannel_logout_uri: `${appOrigins[0]}/logout.html`,
        frontchannel_logout_session_required: true,
      }),
    grant_types: ['authorization_code', 'refresh_token', ...(options.tokenExchange ? [tokenExchange] : [])],
    id_token_signed_response_alg: 'ES256',
    redirect_uris: [
      ...native,
      ...appOrigins.flatMap((origin) => [
        `${origin}/callback.html`,
        `${origin}/callback.html?as=a`,
        `${origin}/`,
        `${origin}/app.html`,
      ]),
    ],
    post_logout_redirect_uris: [
      ...native,
      ...appOrigins.flatMap((origin) => appPaths.map((path) => origin + path)),
    ],
  }
}
