import type { LoginTransport } from '../api/login-transport.js'
import type { AuthEvent } from '../api/events.js'
import { wait } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import { listenForReply } from '../browser/messages/response-listener.js'
import { watchPopup } from '../browser/windows/popup.js'
import { visit } from '../browser/windows/visit.js'
import type { ServerHints } from '../vault/vault.js'
import { buildTimeout } from './no-answer.js'
import { openLoginPopup, type LoginPopup } from './open-popup.js'

/** How long a response is still accepted after its login was rejected, in milliseconds. */
const lateLimit = 120_000
/** How long to use the callback page at a server whose window was severed, in milliseconds. */
const cutOffMemory = 24 * 60 * 60 * 1000

/** What the popup transport needs from its client. */
export interface PopupOptions {
  /** The time limit for the user, in milliseconds. */
  timeout: number
  /** The windows of pending logins. */
  windows: Set<Window>
  emit(event: AuthEvent): void
  updateHints(hints: ServerHints): Promise<void>
}

/** Creates the transport of popup logins. If `opened` is given, it is the empty window of a single login. */
export function createPopupTransport(
  { timeout, windows, emit, updateHints }: PopupOptions,
  opened?: LoginPopup,
): LoginTransport {
  return {
    way: 'popup',
    interactive: true,
    canHearServer: true,
    open(signal, url) {
      const { window: popup, name } = opened ?? openLoginPopup(url)
      // `waiting` ends with the call. `listening` ends with the transaction, which may outlive it.
      const waiting = new AbortController()
      const listening = new AbortController()
      let gaveUp = false
      const end = () => {
        popup.close()
        listening.abort()
      }
      signal.addEventListener('abort', end, { signal: listening.signal })
      windows.add(popup)

      return {
        navigate(to) {
          // COOP cannot have severed it yet, so the user has closed it.
          if (popup.closed) throw buildClosed()
          // `replace` leaves no about:blank behind for the back button.
          visit(to, name, (target) => popup.location.replace(target))
        },
        reply: ({ state, redirectUri, serverOrigin, onLate }) =>
          new Promise((resolve, reject) => {
            // The window may be severed and still open, so a late response is accepted for a while.
            const giveUp = (error: AuthError) => {
              waiting.abort()
              gaveUp = true
              reject(error)
              void wait(lateLimit, listening.signal).then(end)
            }
            watchPopup(popup, waiting.signal, {
              cut(where) {
                emit({ type: 'popup_cut_off' })
                if (where === 'at the server' || serverOrigin)
                  void updateHints({ cutOffUntil: Date.now() + cutOffMemory })
                // The callback page can still reach us over a channel, but a message of the server cannot.
                if (serverOrigin) giveUp(buildCutOff())
              },
              gone: () => giveUp(buildClosed()),
            })
            void wait(timeout, waiting.signal).then(() => {
              if (waiting.signal.aborted) return
              giveUp(buildTimeout(redirectUri))
              popup.close()
            })
            // Firefox: the source is null if the page of the server posts and closes itself before this page handles the message.
            const isSource = (source: unknown) => source === popup || (source === null && popup.closed)
            listenForReply({ state, serverOrigin, isSource }, listening.signal, (reply) => {
              if (!popup.closed) void updateHints({ cutOffUntil: 0 })
              if (gaveUp) onLate(reply)
              else resolve(reply)
              waiting.abort()
              end()
            })
          }),
        close() {
          waiting.abort()
          windows.delete(popup)
          if (!gaveUp) end()
        },
      }
    },
  }
}

function buildClosed(): AuthError {
  return new AuthError('popup_closed', 'the window was closed before the login was complete')
}

function buildCutOff(): AuthError {
  return new AuthError(
    'popup_cut_off',
    'a Cross-Origin-Opener-Policy header, of this page or of the server, severed the popup: call login() again, it will use the callback page',
  )
}
