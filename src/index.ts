import type { Client } from './api/client.js'
import type { ClientOptions } from './api/client-options.js'
import { wireClient } from './client.js'
import { createEngine } from './engine.js'

export { AuthError } from './base/errors.js'
export { isAuthError } from './base/is-auth-error.js'
export type { AuthErrorCause, AuthErrorCode, AuthErrorDetails } from './base/errors.js'
export type { AddressClaim, StandardClaims } from './api/claims.js'
export type { Api } from './api/api.js'
export type { AuthFunctions, AuthState } from './api/auth.js'
export type { Claims } from './api/claims.js'
export type { Client } from './api/client.js'
export type { ClientOptions } from './api/client-options.js'
export type { ServerOptions } from './api/server-options.js'
export type { AuthEvent } from './api/events.js'
export type { LoginOptions } from './api/login-options.js'
export type { ClientMode, LoginMode, StepUpMode } from './base/login-modes.js'
export type { LogoutOptions } from './api/logout-options.js'
export type { LoginStage, Reason, State } from './api/state.js'
export type { Store, StoreRecord } from './api/store.js'
export type { Timeouts } from './api/timeouts.js'
export type { TokenOptions } from './api/token-options.js'
export type { TokenSet } from './api/token-set.js'
export type { DPoPCapability, DPoPKey, ProofRequest } from './api/dpop.js'
export type { TransportCapability } from './api/external.js'
export type { OverlayCapability } from './api/overlay.js'
export type { VaultCapability } from './api/vault.js'
// Where a package manager hides what the app does not name itself, the type of `metadata` is found here alone.
export type { AuthorizationServer } from 'oauth4webapi'
export { parseChallenges } from './protocol/challenge.js'
export type { Challenge } from './protocol/challenge.js'
export { indexedDBStore } from './browser/storage/indexed-db-store.js'
export { memoryStore } from './browser/storage/memory-store.js'
export { sessionStore } from './browser/storage/session-store.js'

/**
 * Creates a client for one app and one authorization server. It is synchronous and makes no request. Without a `window` (SSR), the
 * state stays `loading`. Throws a `TypeError` for an invalid option.
 *
 * @example
 * import { createClient } from 'latchkey'
 * const auth = createClient({ issuer: 'https://id.example.com', clientId: 'spa' })
 * @see RFC 10017 section 6.3
 */
export function createClient(options: ClientOptions): Client {
  return wireClient(options, createEngine)
}
