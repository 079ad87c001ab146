import { listBills } from './bill-book.js'
import type { Call } from './call.js'
import { createIntrospectionCheck } from './introspection-check.js'
import { createProofMemory } from './proof-memory.js'
import type { ServiceCredentials } from './service-client.js'
import type { RunningService } from './json-server.js'
import { startService } from './start-service.js'

/** What the payments API must know; its credentials are for introspection. */
export interface PaymentsOptions extends ServiceCredentials {
  /** The port to listen at; 0 takes any free one. */
  port: number
  /** The resource (RFC 8707) that tokens must be for. */
  audience: string
  /** The origins of the apps that may call from a browser. */
  allowedOrigins: string[]
}

/** Starts the payments API, which takes opaque access tokens: `GET /bills` lists the bills of the token's subject. */
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
        answer: ({ presented }) => {
          const { client: from } = presented
          const call: Call = { from, to: 'payments', path: '/bills', by: 'login', checkedBy: 'introspection', presented } // prettier-ignore
          return { bills: listBills(presented.subject), calls: [call] }
        },
      },
    },
  })
}
