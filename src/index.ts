export { AuthError, isAuthError } from './base/errors.js'
export type { AuthErrorCause, AuthErrorCode, AuthErrorDetails } from './base/errors.js'
export type { AddressClaim, StandardClaims } from './api/claims.js'
export type {
  Api,
  AuthEvent,
  Claims,
  Client,
  ClientOptions,
  LoginOptions,
  LoginStage,
  LogoutOptions,
  Reason,
  State,
  Store,
  StoreRecord,
  Timeouts,
  TokenOptions,
  TokenSet,
} from './api/types.js'
export type { DPoPCapability, DPoPKey, ProofRequest } from './api/dpop.js'
export type { OverlayCapability } from './api/overlay.js'
// Where a package manager hides what the app does not name itself, the type of `metadata` is found here alone.
export type { AuthorizationServer } from 'oauth4webapi'
export { createClient } from './client.js'
export { parseChallenges } from './protocol/challenge.js'
export type { Challenge } from './protocol/challenge.js'
export { indexedDBStore } from './browser/storage/indexed-db-store.js'
export { memoryStore } from './browser/storage/memory-store.js'
export { sessionStore } from './browser/storage/session-store.js'
