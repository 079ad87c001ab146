import type { ClientMode, StepUpMode } from '../base/login-modes.js'
import type { AuthorizationServer } from 'oauth4webapi'
import type { DPoPCapability } from '../api/dpop.js'
import type { TransportCapability } from '../api/external.js'
import type { OverlayCapability } from '../api/overlay.js'
import type { Api } from '../api/api.js'
import type { Timeouts } from '../api/timeouts.js'
import type { VaultCapability } from '../api/vault.js'
import type { ResponseMode } from '../protocol/authorization-url.js'

/** An API, with its URL in full. */
export type ResolvedApi = Api & { url: string }

/** The options of a client, validated and complete. */
export interface Config {
  issuer: string
  clientId: string
  redirectUri: string
  scope: string
  resources: string[]
  params: Record<string, string | undefined>
  mode: ClientMode
  responseMode: ResponseMode | undefined
  apis: ResolvedApi[]
  metadata: AuthorizationServer | undefined
  endSessionUrl: string | undefined
  discovery: 'oidc' | 'oauth2'
  clockTolerance: number
  tenants?: string[] | 'any'
  dpop?: DPoPCapability
  overlay?: OverlayCapability
  external: TransportCapability | undefined
  /**
   * Whether no window or frame of this page can receive a response, because the redirect URI belongs to the host app, or this is a
   * worker. Always false without `external`.
   */
  windowless: boolean
  vault?: VaultCapability
  par?: boolean
  stepUp?: StepUpMode
  timeouts: Record<keyof Timeouts, number>
}
