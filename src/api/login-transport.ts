import type { Way } from '../base/state-name.js'
import type { State } from './state.js'

export type { Way } from '../base/state-name.js'

/** A response that returned to this page: its parameters, or the URL that the callback page was loaded at. */
export type Reply = { params: Record<string, string> } | { href: string }

/** A page of the authorization server. */
export interface Destination {
  /** The endpoint with all request parameters in its query. */
  url: string
  /** The endpoint as given in the metadata, which can have a query of its own. */
  endpoint: string
}

/** The response that a login is waiting for. */
export interface ExpectedReply {
  /** The random `state` of the login. A response with another one belongs to another login. */
  state: string
  /** Where the callback page is served. */
  redirectUri: string
  /** The origin of the server, if it posts the response itself (`web_message`). */
  serverOrigin: string | undefined
  /** Called with a response that arrives after the login was abandoned. */
  onLate(reply: Reply): void
}

/** Takes a login to the authorization server and returns the response. */
export interface LoginTransport {
  readonly way: Way
  /** Whether the user sees the login. If so, the state shows its stage. */
  readonly interactive: boolean
  /** Whether the page of the server can post to this one (`web_message`). */
  readonly canHearServer: boolean
  /**
   * Opens the window synchronously, during the user gesture; directly at `url` if it is already known. Throws `popup_blocked`.
   *
   * @param signal ends the login: the window closes, and later responses are ignored
   */
  open(signal: AbortSignal, url?: string): LoginWindow
}

/** One window of a login: a popup, a frame, or this tab itself. */
export interface LoginWindow {
  /** Navigates to the authorization server. */
  navigate(to: Destination): void
  /** Waits for the response. Rejects if the window is closed, can no longer respond, or takes too long. */
  reply(expected: ExpectedReply): Promise<Reply>
  /** Closes the window and removes all its listeners. */
  close(): void
}

/** Runs one login over a transport, from opening the window to the new state. */
export type RunLogin = (transport: LoginTransport, signal: AbortSignal) => Promise<State>
