import type { Presented } from '../services/access.js'
import type { Call } from '../services/call.js'
import { createServerFinder } from '../services/find-server.js'
import { startJsonServer, type RunningService } from '../services/json-server.js'
import { createServiceClient, saml2, type ServiceCredentials } from '../services/service-client.js'
import type { SamlIssuer } from './saml-issuer.js'

/** Options of `startPartner`; the credentials are the partner's at the shop's authorization server. */
export type PartnerOptions = ServiceCredentials & {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** The orders API and its resource identifier (RFC 8707). */
  orders: { url: string; resource: string }
  /** The partner's own identity provider. */
  identityProvider: SamlIssuer
}

/** The partner's user, who is logged in at the partner and has no session at the shop's authorization server. */
const user = 'pat'

/**
 * Starts a partner of the shop: another company with its own users and identity provider. `GET /orders` gets the orders of its
 * user: it exchanges a SAML 2.0 assertion from its identity provider for a token of the shop.
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
    if (!response.ok) throw new Error(`the orders API answered with HTTP ${response.status}`)
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
