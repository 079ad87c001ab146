import type { FaultOptions } from '../rig/faults.js'
import type { Endpoint } from '../rig/request-log.js'
import { createRandom, pick, pickNumber } from './random.js'

/** What the proxy does to answers. */
export const faultKinds = [
  '429 with Retry-After',
  '500',
  '502',
  '503',
  '504',
  'connection cut',
  'connection cut in the body',
  'HTML',
  'truncated JSON',
] as const

/** What the proxy does to one answer. */
export type FaultKind = (typeof faultKinds)[number]

/** What the proxy does to one request. */
export interface PlannedFault {
  /** Latency in milliseconds. */
  delay: number
  /** Undefined: the answer is passed on. */
  kind: FaultKind | undefined
  /** Whether the server has done its work before the delay and the fault. */
  afterProcessing: boolean
  /** Whether a page may read the status of the fault (CORS). Many gateways send no such headers. */
  cors: boolean
  /** The seconds of `Retry-After`. */
  retryAfter: number
}

/** What happens to a tab. */
export const incidentKinds = ['killed', 'crashed', 'frozen', 'reloaded', 'offline'] as const

/** What happens to one tab. */
export type IncidentKind = (typeof incidentKinds)[number]

/** What happens to one tab, and when. */
export interface PlannedIncident {
  /** How long after the one before, in milliseconds. */
  after: number
  /** The number of the tab. */
  tab: number
  kind: IncidentKind
  /** How long a tab is frozen or offline, or how long a killed one is missing, in milliseconds. */
  lasts: number
}

/** How many requests of an endpoint get a fault, and how many of them another latency than none. */
const shares: Partial<Record<Endpoint, { fault: number; delay: number }>> = {
  token: { fault: 0.15, delay: 0.3 },
  authorize: { fault: 0.1, delay: 0.3 },
  metadata: { fault: 0.1, delay: 0.3 },
  jwks: { fault: 0.1, delay: 0.3 },
}

/** Plans what happens to the request of a client that is its nth at an endpoint. */
export function planFault(seed: number, endpoint: Endpoint, clientId: string, nth: number): PlannedFault {
  const random = createRandom(seed, 'fault', endpoint, clientId, nth)
  const share = shares[endpoint] ?? { fault: 0, delay: 0 }
  const delay = random() < share.delay ? pickNumber(random, 1, 3000) : 0
  const kind = random() < share.fault ? pick(random, faultKinds) : undefined
  return {
    delay,
    kind,
    afterProcessing: random() < 0.5,
    cors: random() < 0.7,
    retryAfter: pickNumber(random, 1, 3),
  }
}

/** Plans the incidents of a browser context, without end. */
export function* planIncidents(seed: number, context: string, tabs: number): Generator<PlannedIncident> {
  const random = createRandom(seed, 'incident', context)
  for (;;) {
    const after = pickNumber(random, 500, 3500)
    const tab = pickNumber(random, 0, tabs - 1)
    const kind = pick(random, incidentKinds)
    yield { after, tab, kind, lasts: pickNumber(random, 500, kind === 'killed' ? 3000 : 20_000) }
  }
}

/** Builds the fault of the rig that does what was planned. */
export function buildFault({ kind, cors, retryAfter }: PlannedFault): FaultOptions {
  switch (kind) {
    case undefined:
      return {}
    case '429 with Retry-After':
      return { status: 429, retryAfter, cors }
    case 'connection cut':
      return { cut: true }
    case 'connection cut in the body':
      return { cut: 'body' }
    case 'HTML':
      return { body: '<!doctype html><title>Sign in to the network</title>', cors }
    case 'truncated JSON':
      return { body: '{"access_token":"eyJhbGciOi', contentType: 'application/json', cors }
    default:
      return { status: Number(kind), body: `<h1>${kind}</h1>`, cors }
  }
}
