import type { Presented } from '../services/access.js'
import type { Call } from '../services/call.js'
import { createServerFinder } from '../services/find-server.js'
import { startJsonServer, type RunningService } from '../services/json-server.js'
import { createServiceClient, saml2, type ServiceCredentials } from '../services/service-client.js'
import type { JwtIssuer } from './jwt-issuer.js'
import type { SamlIssuer } from './saml-issuer.js'

/** Options of `startPartner`; the credentials are the partner's at the shop's authorization server. */
export type PartnerOptions = ServiceCredentials & {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** The orders API and its resource identifier (RFC 8707). */
  orders: { url: string; resource: string }
  /** The partner's own identity provider, which signs SAML assertions and JWTs. */
  identityProvider: { saml: SamlIssuer; jwt: JwtIssuer }
}

/** The partner's user, who is logged in at the partner and has no session at the shop's authorization server. */
const user = 'pat'

/**
 * Starts a partner of the shop: another company with its own users and identity provider. `GET /orders` gets the orders of its
 * user: it exchanges a SAML 2.0 assertion from its identity provider for a token of the shop. `GET /orders?with=jwt` uses a JWT as an
 * authorization grant (RFC 7523) instead.
 */
export function startPartner({
  port,
  allowedOrigins,
  orders,
  identityProvider,
  ...credentials
}: PartnerOptions): Promise<RunningService> {
  const { issuer } = credentials
  const { find } = createServerFinder(issuer)
  const { exchange, redeemJwt } = createServiceClient(credentials)

  const target = { resource: orders.resource, scope: 'orders:read' }

  async function exchangeAssertion(): Promise<string> {
    const { token_endpoint: recipient } = await find()
    const xml = identityProvider.saml.issue({ subject: user, audience: issuer, recipient: recipient! })
    return exchange({ token: Buffer.from(xml).toString('base64url'), type: saml2 }, target)
  }

  async function redeemNewJwt(): Promise<string> {
    return redeemJwt(await identityProvider.jwt.issue({ subject: user, audience: issuer }), target)
  }

  async function readOrders(by: 'SAML assertion' | 'JWT bearer'): Promise<object> {
    const token = await (by === 'JWT bearer' ? redeemNewJwt() : exchangeAssertion())
    const response = await fetch(`${orders.url}/orders`, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`the orders API answered with HTTP ${response.status}`)
    const { orders: list, calls } = (await response.json()) as { orders: object[]; calls: Call[] }
    const { presented } = calls[0] as { presented: Presented }
    const call: Call = { from: 'partner', to: 'orders', path: '/orders', by, checkedBy: 'signature', presented } // prettier-ignore
    return { orders: list, calls: [call] }
  }

  return startJsonServer({
    port,
    allowedOrigins,
    async answer(_request, { pathname, searchParams }) {
      if (pathname !== '/orders') return undefined
      const by = searchParams.get('with') === 'jwt' ? 'JWT bearer' : 'SAML assertion'
      return { status: 200, body: await readOrders(by) }
    },
  })
}
