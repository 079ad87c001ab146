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

/** How long a response still counts after its login was given up, in milliseconds. */
const lateLimit = 120_000
/** How long a server is asked for the callback page after its window was cut off, in milliseconds. */
const cutOffMemory = 24 * 60 * 60 * 1000

/** What the popup transport needs of its client. */
export interface PopupOptions {
  /** How long a popup may take to answer, in milliseconds. */
  timeout: number
  /** The windows of the logins under way. */
  windows: Set<Window>
  emit(event: AuthEvent): void
  learn(hints: ServerHints): Promise<void>
}

/** Creates the transport of logins by popup; of one login where its window is `opened` already, without a page in it. */
export function createPopupTransport(
  { timeout, windows, emit, learn }: PopupOptions,
  opened?: LoginPopup,
): LoginTransport {
  return {
    way: 'popup',
    interactive: true,
    canHearServer: true,
    open(signal, url) {
      const { window: popup, name } = opened ?? openLoginPopup(url)
      // The one ends with the wait, the other with the transaction, which can outlive it.
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
          // Nothing can have cut it off yet.
          if (popup.closed) throw buildClosed()
          // `replace` leaves no about:blank behind for the back button.
          visit(to, name, (target) => popup.location.replace(target))
        },
        reply: ({ state, redirectUri, serverOrigin, onLate }) =>
          new Promise((resolve, reject) => {
            // The window may have been cut off and still be open: what comes out of it late counts for a while.
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
                  void learn({ cutOffUntil: Date.now() + cutOffMemory })
                // The callback page still reaches us over a channel; a message of the server does not.
                if (serverOrigin) giveUp(buildCutOff())
              },
              gone: () => giveUp(buildClosed()),
            })
            void wait(timeout, waiting.signal).then(() => {
              if (waiting.signal.aborted) return
              giveUp(buildTimeout(redirectUri))
              popup.close()
            })
            // Firefox: the source is null when the server's page posts and closes itself before this page gets to the message.
            const isSource = (source: unknown) => source === popup || (source === null && popup.closed)
            listenForReply({ state, serverOrigin, isSource }, listening.signal, (reply) => {
              if (!popup.closed) void learn({ cutOffUntil: 0 })
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
