import { isPayment } from '../authorization-server/payment.js'
import type { Presented } from './access.js'
import { listBills } from './bill-book.js'
import type { Call } from './call.js'
import { createIntrospectionCheck } from './introspection-check.js'
import { createProofMemory } from './proof-memory.js'
import type { ServiceCredentials } from './service-client.js'
import type { RunningService } from './json-server.js'
import { startService } from './start-service.js'

/** Options of `startPayments`; the credentials are for introspection. */
export type PaymentsOptions = ServiceCredentials & {
  /** The port to listen on; 0 takes any free port. */
  port: number
  /** The resource (RFC 8707) that tokens must be issued for. */
  audience: string
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
}

/**
 * Starts the payments API, which accepts opaque access tokens. `GET /bills` lists the bills of the token's subject, and
 * `GET /payable` lists the individual payments that the token allows (RFC 9396).
 */
export function startPayments({
  port,
  audience,
  allowedOrigins,
  ...credentials
}: PaymentsOptions): Promise<RunningService> {
  return startService({
    port,
    allowedOrigins,
    check: createIntrospectionCheck({ realm: 'payments', audience, ...credentials }, createProofMemory()),
    routes: {
      '/bills': {
        scope: 'payments:read',
        answer: ({ presented }) => ({
          bills: listBills(presented.subject),
          calls: [describe(presented, '/bills')],
        }),
      },
      '/payable': {
        scope: 'payments:read',
        answer: ({ presented }) => ({
          payable: presented.details.filter(isPayment),
          calls: [describe(presented, '/payable')],
        }),
      },
    },
  })
}

function describe(presented: Presented, path: string): Call {
  return { from: presented.client, to: 'payments', path, by: 'login', checkedBy: 'introspection', presented }
}
