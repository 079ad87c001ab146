import type { AuthorizationServer } from 'oauth4webapi'
import type { DPoPCapability } from '../api/dpop.js'
import type { OverlayCapability } from '../api/overlay.js'
import type { Api } from '../api/api.js'
import type { AuthEvent } from '../api/events.js'
import type { Timeouts } from '../api/timeouts.js'
import type { ResponseMode } from '../protocol/authorization-url.js'
import type { Vault } from '../vault/vault.js'
import type { GetTokenSet } from './get-token.js'
import type { Lifetime } from './lifetime.js'
import type { Session } from './session.js'

/** An API, with its URL in full. */
export type ResolvedApi = Api & { url: string }

/** The options of a client, validated and complete (config.ts). */
export interface Config {
  issuer: string
  clientId: string
  redirectUri: string
  scope: string
  resources: string[]
  params: Record<string, string | undefined>
  mode: 'popup' | 'overlay' | 'redirect'
  responseMode: ResponseMode | undefined
  apis: ResolvedApi[]
  metadata: AuthorizationServer | undefined
  discovery: 'oidc' | 'oauth2'
  clockTolerance: number
  dpop?: DPoPCapability
  overlay?: OverlayCapability
  par?: boolean
  stepUp?: 'popup' | 'redirect'
  timeouts: Record<keyof Timeouts, number>
}

/** What the parts of one client share. client.ts makes it, and nothing outlives its signal. */
export interface Context extends Session, Pick<Lifetime, 'signal' | 'guard'> {
  config: Config
  vault: Vault
  /** What add-ons have made for this client (add-on.ts). */
  addOns: Map<unknown, unknown>
  emit(event: AuthEvent): void
  getTokenSet: GetTokenSet
}
