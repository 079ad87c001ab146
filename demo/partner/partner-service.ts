import type { Presented } from '../services/access.js'
import type { Call } from '../services/call.js'
import { createServerFinder } from '../services/find-server.js'
import { startJsonServer, type RunningService } from '../services/json-server.js'
import { createServiceClient, saml2, type ServiceCredentials } from '../services/service-client.js'
import type { SamlIssuer } from './saml-issuer.js'

/** What the partner must know; its credentials are those that it has at the shop's authorization server. */
export interface PartnerOptions extends ServiceCredentials {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** Where the orders API is, and which resource (RFC 8707) it is. */
  orders: { url: string; resource: string }
  /** The partner's own identity provider. */
  identityProvider: SamlIssuer
}

/** The partner's user, who is logged in at the partner and has never been at the shop's authorization server. */
const user = 'pat'

/**
 * Starts a partner of the shop: another company, with users and an identity provider of its own. `GET /orders` gets the orders
 * of its user: it exchanges what its identity provider says, a SAML 2.0 assertion, for a token of the shop.
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
  const { exchange } = createServiceClient(credentials)

  async function readOrders(): Promise<object> {
    const { token_endpoint: recipient } = await find()
    const xml = identityProvider.issue({ subject: user, audience: issuer, recipient: recipient! })
    const token = await exchange(
      { token: Buffer.from(xml).toString('base64url'), type: saml2 },
      { resource: orders.resource, scope: 'orders:read' },
    )
    const response = await fetch(`${orders.url}/orders`, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`the orders API answered ${response.status}`)
    const { orders: list, calls } = (await response.json()) as { orders: object[]; calls: Call[] }
    const { presented } = calls[0] as { presented: Presented }
    const call: Call = { from: 'partner', to: 'orders', path: '/orders', by: 'SAML assertion', checkedBy: 'signature', presented } // prettier-ignore
    return { orders: list, calls: [call] }
  }

  return startJsonServer({
    port,
    allowedOrigins,
    answer: async (_request, { pathname }) =>
      pathname === '/orders' ? { status: 200, body: await readOrders() } : undefined,
  })
}
