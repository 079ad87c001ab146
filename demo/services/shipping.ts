import type { AuthorizationServerOptions } from '../authorization-server/options.js'
import type { AccessCheck } from './access.js'
import type { ActiveCacheOptions } from './active-cache.js'
import { createHybridCheck } from './hybrid-check.js'
import type { IntrospectionClient } from './introspect.js'
import { createJwtCheck } from './jwt-check.js'
import type { RunningService } from './json-server.js'
import { listParcels } from './parcel-book.js'
import { createProofMemory } from './proof-memory.js'
import { startService } from './start-service.js'

/** The resource (RFC 8707) of both shipping APIs: they accept the same tokens. */
export const shippingResource = 'https://shipping.example.com'

/** The client ID with which the deliveries API asks about a token. */
export const shippingClient = 'shipping-service'

const scope = 'shipping:read'

/** Builds the registration of the shipping APIs at the authorization server: their JWTs can be revoked and introspected. */
export function buildShippingRegistration(secret: string) {
  return {
    resources: { [shippingResource]: { scope, revocable: true } },
    services: { [shippingClient]: { secret, resource: shippingResource, scope: '' } },
  } satisfies Pick<AuthorizationServerOptions, 'resources' | 'services'>
}

/** Options of `startShipping`; the credentials are for introspection. */
export type ShippingOptions = IntrospectionClient &
  ActiveCacheOptions & {
    /** The ports to listen on; 0 takes any free port. */
    ports: Record<keyof Shipping, number>
    /** The origins of the apps that may call from a browser. */
    allowedOrigins: string[]
  }

/** The running shipping APIs. */
export interface Shipping {
  /** `GET /parcels`: checks the signature of a token, then asks the server whether it was revoked. */
  deliveries: RunningService
  /** `GET /parcels`: only checks the signature, so a revoked token works until it expires. */
  tracking: RunningService
}

/** Starts two APIs that accept the same JWTs and check them in different ways. */
export async function startShipping(
  options: ShippingOptions,
): Promise<Shipping & { close(): Promise<void> }> {
  const { ports, allowedOrigins, ...check } = options
  const start = (name: keyof Shipping, accessCheck: AccessCheck) =>
    startService({
      port: ports[name],
      allowedOrigins,
      check: accessCheck,
      routes: {
        '/parcels': {
          scope,
          answer: ({ presented }) => ({ parcels: listParcels(presented.subject), presented }),
        },
      },
    })
  const of = (realm: string) => ({ ...check, realm, audience: shippingResource })
  const deliveries = await start('deliveries', createHybridCheck(of('deliveries'), createProofMemory()))
  try {
    const tracking = await start('tracking', createJwtCheck(of('tracking'), createProofMemory()))
    const close = async () => void (await Promise.all([deliveries.close(), tracking.close()]))
    return { deliveries, tracking, close }
  } catch (error) {
    await deliveries.close()
    throw error
  }
}
