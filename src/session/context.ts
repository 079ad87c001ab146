import type { AuthorizationServer } from 'oauth4webapi'
import type { DPoPCapability } from '../api/dpop.js'
import type { OverlayCapability } from '../api/overlay.js'
import type { Api, AuthEvent, LoginStage, State, Timeouts, TokenOptions, TokenSet } from '../api/types.js'
import type { ResponseMode } from '../protocol/authorization-url.js'
import type { SessionView, Vault } from '../vault/vault.js'

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

/** What tabs tell each other. `changed`: read the store again. `logout`: the session is over, also where no store is shared. */
export type TabMessage = 'changed' | 'logout'

/** What the parts of one client share. client.ts makes it, and nothing outlives its signal. */
export interface Context {
  config: Config
  vault: Vault
  /** Aborted by `close()`, with the `client_closed` error. */
  signal: AbortSignal
  /** The windows of the logins under way. */
  windows: Set<Window>
  /** What add-ons have made for this client (add-on.ts). */
  addOns: Map<unknown, unknown>
  /** Runs a call as long as this client is open, the caller waits (`own`), and there is a page to run it in. */
  guard<T>(work: (until: AbortSignal) => Promise<T>, own?: AbortSignal): Promise<T>
  emit(event: AuthEvent): void
  getState(): State
  /** Shows how far a login is; nothing ends it. */
  showStage(stage?: LoginStage): void
  /** The session as this page knows it. */
  getView(): SessionView
  /** Takes over a view that the vault gave; tells the other tabs when it was us who changed something. */
  apply(view: SessionView, change?: TabMessage, appState?: unknown): void
  /** Shows at once that the user has logged out, before the store knows. */
  end(): void
  /** Reads the stored session and takes it over. */
  sync(): Promise<SessionView>
  /** Gets an access token from memory or by a renewal, but not `refused`, which its receiver no longer takes. */
  getTokenSet(asked: TokenOptions, refused?: string): Promise<TokenSet>
}
