import type { AuthErrorDetails, AuthErrorCode } from '../../base/errors.js'
import type { SessionView, Vault } from '../../vault/vault.js'

/**
 * The version of the messages between page and worker. A `SharedWorker` of an older version of the app can still run when a new page
 * loads, and the two must not misunderstand each other.
 */
export const messageVersion = 1

/** The options of a vault in a worker. A vault with other options is another vault, and never gets the tokens of this one. */
export interface WorkerVaultOptions {
  issuer: string
  clientId: string
  discovery: 'oidc' | 'oauth2'
  /** The metadata in the options of the client. */
  metadata: object | undefined
  tenants: string[] | 'any' | undefined
  /** In seconds. */
  clockTolerance: number
  /** The time limit of one request, in milliseconds. */
  timeout: number
  /** Whether tokens are bound to a key (RFC 9449). */
  dpop: boolean
}

/** The first message of a page, which comes with a port for all others. */
export interface Opening {
  latchkey: number
  options: WorkerVaultOptions
  /** When the user last logged out, in milliseconds since 1970: a worker cannot read where that is stored. */
  lastLogout: number
  /** The session as the page knows it, if this replaces a worker that has crashed. */
  view: SessionView | undefined
}

/** A call of the vault. */
export interface VaultCall {
  id: number
  method: keyof Vault
  parameters: unknown[]
}

/** What the page sends to the port: a call, or a question whether the worker is still there. */
export type PageMessage = VaultCall | 'ping'

/** What a call rejected with. An error that is not an `AuthError` has no code. */
export interface Failure {
  message: string
  code?: AuthErrorCode
  details?: AuthErrorDetails
}

/** What the worker sends to the port. `ready` answers an opening, `wrong version` refuses it, and `alive` answers a ping. */
export type WorkerMessage =
  'ready' | 'wrong version' | 'alive' | { id: number; value: unknown } | { id: number; failure: Failure }
