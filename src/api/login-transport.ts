import type { State } from './state.js'

/** How the response of a login comes back; its first letter is the first letter of `state`. */
export type Way = 'popup' | 'iframe' | 'redirect'

/** A response that came back to this page: its parameters, or the URL that the callback page was loaded at. */
export type Reply = { params: Record<string, string> } | { href: string }

/** The response that a login waits for. */
export interface ExpectedReply {
  /** The random name of the login. A response that does not carry it belongs to another one. */
  state: string
  /** Where the callback page is served. */
  redirectUri: string
  /** The origin of the server where it is to post its response itself (`web_message`). */
  serverOrigin: string | undefined
  /** Called with a response that comes after the login was given up. */
  onLate(reply: Reply): void
}

/** Takes a login to the authorization server and brings its response back. */
export interface LoginTransport {
  readonly way: Way
  /** Whether the user sees it: the state then shows how far the login has come. */
  readonly interactive: boolean
  /** Whether the server's own page can post to this one (`web_message`). */
  readonly canHearServer: boolean
  /**
   * Opens the window, synchronously and inside the user's gesture; straight at `url` where that is known already. Throws
   * `popup_blocked`.
   *
   * @param signal ends the login: the window closes, and no response counts any more
   */
  open(signal: AbortSignal, url?: string): LoginWindow
}

/** One window of a login: a popup, a frame, or this tab itself. */
export interface LoginWindow {
  /** Goes to the authorization server. */
  navigate(url: string): void
  /** Waits for the response. Rejects when the window is gone, cannot answer any more, or takes too long. */
  reply(expected: ExpectedReply): Promise<Reply>
  /** Removes the window and everything that watches it. */
  close(): void
}

/** Runs one login over a transport, from opening its window to the new state. */
export type RunLogin = (transport: LoginTransport, signal: AbortSignal) => Promise<State>
