import { readWay } from '../base/state-name.js'
import { relayResponse } from '../browser/messages/response-relay.js'
import { awaitsRedirect, takeRedirect } from '../browser/storage/redirect-storage.js'
import { isInLoginWindow } from '../browser/windows/window-name.js'
import type { Transaction } from '../protocol/transaction.js'
import type { AuthError } from '../base/errors.js'
import { checkSurroundings } from '../browser/environment.js'
import type { Config } from '../session/config.js'
import type { Session } from '../session/session.js'

/** What the start of a session needs of its client. */
export interface StartParts {
  config: Config
  session: Pick<Session, 'start'>
  signal: AbortSignal
  /** Resolves with the error that it failed with. */
  finishRedirect(arrival: Arrival): Promise<AuthError | undefined>
}

/** A redirect login as it comes back; without a state when this tab does not know it. */
export type Arrival = Partial<Transaction & { reply: string }>

/**
 * Looks whether this page's own URL carries a response (the app is its own redirect URI), and hands it on before
 * anything else runs. True when this page is to do nothing else.
 *
 * @param onOrphan called when it was true and nobody took the response
 */
function handOn({ redirectUri }: Config, onOrphan: () => void): boolean {
  const { hash, search, pathname } = location
  if (new URL(redirectUri).pathname !== pathname) return false
  const given = hash.replace('#', '&') + search.replace('?', '&')
  // The app's own parameters can have these names too, so it must be a state of ours, or one that we wait for.
  const states = new URLSearchParams(given).getAll('state')
  const response = /&(code|error)=/.test(given) && (states.some(readWay) || awaitsRedirect())
  // A window of ours that is back here has all that the server has to say, be it nothing.
  return (isInLoginWindow() || response) && relayResponse(onOrphan)
}

/**
 * Starts the session of a page: hands on a response that the page was loaded with, or finishes the redirect login that has come
 * back to it, then reads what is stored.
 */
export function startSession({ config, session, signal, finishRedirect }: StartParts): void {
  const never = new Promise<never>(() => {})
  const { issuer, clientId } = config
  const isOurs = (kept: Arrival) => kept.issuer === issuer && kept.clientId === clientId
  const start = (orphaned: boolean) =>
    session.start(async () => {
      checkSurroundings()
      if (!orphaned && handOn(config, () => void start(true))) return never
      // React's StrictMode closes the first client at once: the answer is for the second.
      await null
      if (signal.aborted) return never
      const arrival = orphaned ? {} : takeRedirect(isOurs)
      return arrival && finishRedirect(arrival)
    })
  void start(false)
}
