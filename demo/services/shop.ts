import { randomUUID } from 'node:crypto'
import type { AuthorizationServerOptions } from '../authorization-server/options.js'
import { paymentType } from '../authorization-server/payment.js'
import { inventoryScopes, startInventory } from './inventory-service.js'
import { startOrders, type OrdersService } from './orders-service.js'
import { startPayments } from './payments-service.js'
import type { RunningService } from './json-server.js'

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

/** Builds the shop's registration: the scopes of its APIs, and the secrets of the services. */
export function buildShopRegistration(): ShopRegistration {
  const { orders, payments, inventory } = shopResources
  const { read, report } = inventoryScopes
  return {
    resources: {
      [orders]: { scope: `orders:read orders:history ${read}` },
      [payments]: { scope: 'payments:read', format: 'opaque' },
      [inventory]: { scope: `${read} ${report}`, internal: true },
    },
    services: {
      'orders-service': { secret: randomUUID(), resource: orders, scope: report },
      'payments-service': { secret: randomUUID(), resource: payments, scope: '' },
      // Another company, without an API here.
      'partner-service': { secret: randomUUID(), scope: '' },
    },
    authorizationDetailsTypes: [paymentType],
  }
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
  registration: ShopRegistration
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
  /** The ports to listen on; 0 takes any free port. */
  ports: Record<keyof typeof shopResources, number>
}

/** Starts the shop's services, each on its own port. */
export async function startShop({ issuer, registration, allowedOrigins, ports }: ShopOptions): Promise<Shop> {
  const credentials = (clientId: string) => ({
    issuer,
    clientId,
    clientSecret: registration.services[clientId]!.secret,
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
