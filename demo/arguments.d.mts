/** A server that is not the demo's, and the app as it is registered there. */
export interface OtherServerOptions {
  issuer: string
  clientId: string
  scope: string
  /** The resource (RFC 8707) that the tokens are for. */
  resource?: string
  /** The port of the app, whose origin is registered at the server. */
  port: number
}

/** The parsed arguments of `npm start`. */
export type DemoCommand =
  | { kind: 'demo' }
  | ({ kind: 'other-server' } & OtherServerOptions)
  | { kind: 'help' }
  | { kind: 'wrong'; problem: string }

export const usage: string

/** Parses the arguments of `npm start`, without `node` and the script. */
export function parseArguments(args: string[]): DemoCommand
