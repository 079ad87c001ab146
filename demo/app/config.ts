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

// The ports are known only once the servers run, so start-demo.ts injects this value when it builds the app.
declare const DEMO_CONFIG: DemoConfig

/** Where this demo's servers are. */
export const config: DemoConfig = DEMO_CONFIG
