import type { OtherServer } from './other-server.js'

/** Where the demo's servers are. */
export interface DemoConfig {
  issuer: string
  clientId: string
  scope: string
  orders: DemoApi
  payments: DemoApi
  /** The two APIs that accept the same tokens. */
  shipping: { resource: string; deliveries: DemoApi; tracking: DemoApi }
  /** The origin of the shop's partner. */
  partnerUrl: string
}

/** An API that the app calls. */
export interface DemoApi {
  /** Its origin. */
  url: string
  /** The resource (RFC 8707) of its tokens. */
  resource: string
}

// The ports are known only once the servers run, so this value is injected when the app is built.
declare const DEMO_CONFIG: DemoConfig | OtherServer

/** The server that `npm start -- --issuer` names; undefined if the app uses the demo's own servers. */
export const otherServer: OtherServer | undefined = 'abilities' in DEMO_CONFIG ? DEMO_CONFIG : undefined

/** Where this demo's servers are. Do not read it if there is another server. */
export const config = DEMO_CONFIG as DemoConfig
