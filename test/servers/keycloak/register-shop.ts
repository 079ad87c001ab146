import { shopResources } from '../../../demo/services/shop.js'
import { appPort, keysUrl, partnerIssuer } from '../addresses.js'
import { callAdmin } from './admin.js'

const { orders, payments, inventory } = shopResources
const app = `http://localhost:${appPort}`
const userScopes = ['orders:read', 'stock:read', 'payments:read']
const stockScopes = ['stock:read', 'stock:report']
const defaults = ['basic', 'acr', 'profile', 'email']

/** Tokens as RFC 9068 wants them: the type in the header, and below the claim `client_id`. */
const rfc9068 = { 'access.token.header.type.rfc9068': 'true' }
const mayExchange = { 'standard.token.exchange.enabled': 'true' }

/**
 * Registers the demo's shop in the realm `demo`: its scopes, its services, and an app. By the administration, because a realm file
 * that has scopes of its own gets none of Keycloak's.
 */
export async function registerShop(): Promise<void> {
  const registered = (await (await callAdmin('GET', '/clients?clientId=shop-app')).json()) as object[]
  if (registered.length) return
  for (const name of new Set([...userScopes, ...stockScopes]))
    await callAdmin('POST', '/client-scopes', {
      name,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'true' },
    })
  await callAdmin('POST', '/identity-provider/instances', partnerProvider)
  for (const client of [
    inventoryClient,
    ...services,
    buildApp('shop-app', 60),
    buildApp('shop-app-brief', 1),
  ])
    await callAdmin('POST', '/clients', client)
  await linkPartnerUser()
}

/** An API that is the audience of tokens, and asks about them: only the audience is told. */
const inventoryClient = {
  clientId: inventory,
  secret: 'inventory-secret',
  publicClient: false,
  standardFlowEnabled: false,
}

const service = {
  publicClient: false,
  standardFlowEnabled: false,
  serviceAccountsEnabled: true,
  fullScopeAllowed: false,
  defaultClientScopes: defaults,
}

const services = [
  {
    ...service,
    clientId: 'orders-service',
    clientAuthenticatorType: 'client-jwt',
    optionalClientScopes: stockScopes,
    attributes: {
      ...rfc9068,
      ...mayExchange,
      'use.jwks.url': 'true',
      'jwks.url': keysUrl('orders-service'),
      'token.endpoint.auth.signing.alg': 'ES256',
    },
    protocolMappers: [audienceClient(inventory), clientIdClaim('orders-service')],
  },
  {
    ...service,
    clientId: 'payments-service',
    secret: 'payments-secret',
    attributes: { ...rfc9068, ...mayExchange },
    protocolMappers: [clientIdClaim('payments-service')],
  },
  {
    ...service,
    clientId: 'partner-service',
    secret: 'partner-secret',
    optionalClientScopes: ['orders:read'],
    attributes: {
      ...rfc9068,
      ...mayExchange,
      'oauth2.jwt.authorization.grant.enabled': 'true',
      'oauth2.jwt.authorization.grant.idp': 'partner',
    },
    protocolMappers: [audience(orders), clientIdClaim('partner-service')],
  },
]

function buildApp(clientId: string, seconds: number): object {
  return {
    clientId,
    publicClient: true,
    standardFlowEnabled: true,
    directAccessGrantsEnabled: false,
    fullScopeAllowed: false,
    redirectUris: [`${app}/callback.html`],
    webOrigins: [app],
    defaultClientScopes: defaults,
    optionalClientScopes: userScopes,
    attributes: {
      ...rfc9068,
      ...mayExchange,
      'pkce.code.challenge.method': 'S256',
      'access.token.lifespan': String(seconds),
    },
    protocolMappers: [
      audience(orders),
      audience(payments),
      // Only a client that is itself in the audience may exchange or introspect.
      audienceClient('orders-service'),
      audienceClient('payments-service'),
      clientIdClaim(clientId),
    ],
  }
}

/** The partner's identity provider, whose JWTs are an authorization grant (RFC 7523 section 2.1). */
const partnerProvider = {
  alias: 'partner',
  providerId: 'oidc',
  enabled: true,
  hideOnLogin: true,
  config: {
    issuer: partnerIssuer,
    clientId: 'shop',
    clientSecret: 'not-used',
    authorizationUrl: `${partnerIssuer}/auth`,
    tokenUrl: `${partnerIssuer}/token`,
    useJwksUrl: 'true',
    jwksUrl: keysUrl('partner'),
    validateSignature: 'true',
    jwtAuthorizationGrantEnabled: 'true',
    jwtAuthorizationGrantAssertionSignatureAlg: 'ES256',
  },
}

/** The partner's user "pat" is the shop's user alice. */
async function linkPartnerUser(): Promise<void> {
  const users = (await (await callAdmin('GET', '/users?username=alice&exact=true')).json()) as {
    id: string
  }[]
  await callAdmin('POST', `/users/${users[0]!.id}/federated-identity/partner`, {
    identityProvider: 'partner',
    userId: 'pat',
    userName: 'pat',
  })
}

function audience(value: string): object {
  return buildMapper(`audience ${value}`, 'oidc-audience-mapper', { 'included.custom.audience': value })
}

function audienceClient(value: string): object {
  return buildMapper(`client ${value}`, 'oidc-audience-mapper', { 'included.client.audience': value })
}

function clientIdClaim(value: string): object {
  return buildMapper('client_id', 'oidc-hardcoded-claim-mapper', {
    'claim.name': 'client_id',
    'claim.value': value,
    'jsonType.label': 'String',
  })
}

function buildMapper(name: string, protocolMapper: string, config: Record<string, string>): object {
  return {
    name,
    protocol: 'openid-connect',
    protocolMapper,
    config: { ...config, 'access.token.claim': 'true', 'introspection.token.claim': 'true' },
  }
}
