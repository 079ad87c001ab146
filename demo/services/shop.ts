import { generateKeyPairSync, randomUUID, type JsonWebKey } from 'node:crypto'
import type { AuthorizationServerOptions } from '../authorization-server/options.js'
import { paymentType } from '../authorization-server/payment.js'
import { toPublicKey, type ServiceSecret } from './client-authentication.js'
import { inventoryScopes, startInventory } from './inventory-service.js'
import { startOrders, type OrdersService } from './orders-service.js'
import { startPayments } from './payments-service.js'
import type { RunningService } from './json-server.js'
import type { ServiceCredentials } from './service-client.js'

/** The identifiers of the shop's APIs (RFC 8707). */
export const shopResources = {
  orders: 'https://orders.example.com',
  payments: 'https://payments.example.com',
  inventory: 'https://inventory.example.com',
}

/** The registration of the shop's APIs and services, and of its partner, at the authorization server. */
export type ShopRegistration = Required<
  Pick<AuthorizationServerOptions, 'resources' | 'services' | 'authorizationDetailsTypes'>
>

/** The secrets of the shop's services, and of its partner's, by client ID. */
export type ShopSecrets = Record<'orders-service' | 'payments-service' | 'partner-service', ServiceSecret>

/** Creates the secrets: the orders service signs with its key, the others have a shared secret. */
export function createShopSecrets(): ShopSecrets {
  return {
    'orders-service': { privateKey: createSigningKey() },
    'payments-service': { clientSecret: randomUUID() },
    'partner-service': { clientSecret: randomUUID() },
  }
}

/** Builds the shop's registration: the scopes of its APIs, and how its services authenticate. */
export function buildShopRegistration(secrets: ShopSecrets): ShopRegistration {
  const { orders, payments, inventory } = shopResources
  const { read, report } = inventoryScopes
  return {
    resources: {
      [orders]: { scope: `orders:read orders:history ${read}` },
      [payments]: { scope: 'payments:read', format: 'opaque' },
      [inventory]: { scope: `${read} ${report}`, internal: true },
    },
    services: {
      'orders-service': { ...register(secrets['orders-service']), resource: orders, scope: report },
      'payments-service': { ...register(secrets['payments-service']), resource: payments, scope: '' },
      // Another company, without an API here.
      'partner-service': { ...register(secrets['partner-service']), scope: '' },
    },
    authorizationDetailsTypes: [paymentType],
  }
}

/** What the authorization server is given of a secret: all of a shared one, and only the public half of a key. */
function register(secret: ServiceSecret): { secret: string } | { publicKey: JsonWebKey } {
  return 'clientSecret' in secret
    ? { secret: secret.clientSecret }
    : { publicKey: toPublicKey(secret.privateKey) }
}

/** Creates a key for ES256. */
function createSigningKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' }
}

/** The running services of the shop. */
export interface Shop {
  orders: OrdersService
  payments: RunningService
  inventory: RunningService
  /** Stops all services. */
  close(): Promise<void>
}

/** Options of `startShop`. */
export interface ShopOptions {
  issuer: string
  secrets: Pick<ShopSecrets, 'orders-service' | 'payments-service'>
  /** The parameter that names an API to this server. @default 'resource' */
  targetParameter?: 'resource' | 'audience'
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** The ports to listen on; 0 takes any free port. */
  ports: Record<keyof typeof shopResources, number>
}

/** Starts the shop's services, each on its own port. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { issuer, secrets, targetParameter = 'resource', allowedOrigins, ports } = options
  const credentials = (clientId: keyof ShopOptions['secrets']): ServiceCredentials => ({
    issuer,
    clientId,
    targetParameter,
    ...secrets[clientId],
  })
  const running: RunningService[] = []
  const close = async () => void (await Promise.all(running.map((one) => one.close())))
  const keep = <T extends RunningService>(service: T): T => {
    running.push(service)
    return service
  }
  try {
    const inventory = keep(
      await startInventory({
        port: ports.inventory,
        issuer,
        audience: shopResources.inventory,
      }),
    )
    const orders = keep(
      await startOrders({
        port: ports.orders,
        issuer,
        audience: shopResources.orders,
        allowedOrigins,
        inventory: {
          ...credentials('orders-service'),
          url: inventory.url,
          resource: shopResources.inventory,
        },
      }),
    )
    const payments = keep(
      await startPayments({
        port: ports.payments,
        audience: shopResources.payments,
        allowedOrigins,
        ...credentials('payments-service'),
      }),
    )
    return { orders, payments, inventory, close }
  } catch (error) {
    await close()
    throw error
  }
}
