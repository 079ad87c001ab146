import type { AuthorizationServer } from 'oauth4webapi'
import type { Api, AuthEvent, State, Timeouts } from '../base/types.js'
import type { Tabs } from '../browser/tabs.js'
import type { ResponseMode } from '../protocol/authorization-url.js'
import type { SessionView, Vault } from '../vault/vault.js'
import type { Action } from './state.js'

/** The options of a client, validated and complete (config.ts). */
export interface Config {
  issuer: string
  clientId: string
  redirectUri: string
  scope: string
  resources: string[]
  params: Record<string, string>
  mode: 'popup' | 'redirect'
  responseMode: ResponseMode | undefined
  apis: Api[]
  metadata: AuthorizationServer | undefined
  discovery: 'oidc' | 'oauth2'
  clockTolerance: number
  timeouts: Timeouts
}

/** What the parts of one client share. client.ts makes it, and nothing outlives its signal. */
export interface Context {
  config: Config
  vault: Vault
  tabs: Tabs
  /** Aborted by `close()`, with the `client_closed` error. */
  signal: AbortSignal
  /** What add-ons have made for this client (add-on.ts). */
  addOns: Map<unknown, unknown>
  /** Runs a call as long as this client is open and there is a page to run it in; `own` ends the caller's wait. */
  guard<T>(work: () => Promise<T>, own?: AbortSignal): Promise<T>
  emit(event: AuthEvent): void
  getState(): State
  dispatch(action: Action): void
  /** The session as this page knows it. */
  getView(): SessionView
  /** Takes over a view that the vault gave; tells the other tabs when it was us who changed something. */
  apply(view: SessionView, change?: 'changed' | 'logout', appState?: unknown): void
  /** Shows at once that the user has logged out, before the store knows. */
  end(): void
  /** Reads the stored session and takes it over. */
  sync(): Promise<SessionView>
}
