import { AuthError } from '../../base/errors.js'
import { unlessAborted, wait } from '../../base/abort.js'
import type { OverlayTexts } from '../../api/overlay.js'
import type { State } from '../../api/types.js'
import { onBlockedFrame } from '../../browser/windows/blocked-frame.js'
import { openOverlay, type Overlay } from './dialog.js'
import { listenForReply } from '../../browser/messages/response-listener.js'
import { makeAttempt, type Attempt, type AttemptOptions } from '../../login/authorization-request.js'
import { warmKeys } from '../../login/login.js'
import type { Context } from '../../session/context.js'
import { buildTimeout, loginByPopup, redeem } from '../../login/popup.js'

/** How long the frame may stay without an answer before a window is offered, in milliseconds. */
const offerAfter = 3000

/** Logs in by the server's page in a frame over this one, or by popup once the user asks for a window. */
export async function loginByOverlay(
  ctx: Context,
  texts: Record<keyof OverlayTexts, string>,
  options: AttemptOptions,
  until: AbortSignal,
): Promise<State> {
  const scope = new AbortController()
  const { signal } = scope
  let giveWay = () => {}
  const login = new Promise<State>((resolve, reject) => {
    const close = (why: string) => {
      reject(new AuthError('popup_closed', why))
      scope.abort()
    }
    giveWay = () => close('another login by overlay took the place of this one')
    replaceLast(ctx, giveWay)
    ctx.showStage('opening')
    const overlay = openOverlay(texts, signal, {
      onClose: () => close('the overlay was closed before the login was done'),
      onWindow() {
        scope.abort()
        // Nothing is awaited up to here: the click is the gesture that allows the window.
        resolve(loginByPopup(ctx, options, undefined, until))
      },
    })
    const finish = (login: Promise<State>) => {
      scope.abort()
      resolve(login)
    }
    makeAttempt(ctx, 'iframe', options)
      .then((attempt) => signal.aborted || showAttempt(ctx, overlay, attempt, signal, finish))
      .catch(reject)
  })
  try {
    return await unlessAborted(login, until)
  } finally {
    scope.abort()
    // The stage may be that of the login which took this one's place.
    if (ctx.addOns.get(loginByOverlay) === giveWay) {
      ctx.addOns.delete(loginByOverlay)
      ctx.showStage()
    }
  }
}

/** Closes the overlay that is open: two of them, one on the other, would be a riddle. */
function replaceLast({ addOns }: Context, giveWay: () => void): void {
  const last = addOns.get(loginByOverlay) as typeof giveWay | undefined
  last?.()
  addOns.set(loginByOverlay, giveWay)
}

/** Loads the server's page, and finishes the login with its answer, or when there can be none. */
function showAttempt(
  ctx: Context,
  overlay: Overlay,
  attempt: Attempt,
  signal: AbortSignal,
  finish: (login: Promise<State>) => void,
): void {
  const { transaction, serverOrigin, url } = attempt
  ctx.showStage('waiting')
  warmKeys(ctx, transaction)
  const isSource = (source: unknown) => source !== null && source === overlay.frame.contentWindow
  listenForReply({ state: transaction.state, serverOrigin, isSource }, signal, (reply) =>
    finish(redeem(ctx, attempt, reply, false)),
  )
  onBlockedFrame(new URL(url).origin, serverOrigin ?? location.origin, signal, (error) =>
    finish(Promise.reject(error)),
  )
  overlay.load(url)
  void wait(offerAfter, signal).then(() => signal.aborted || overlay.offerWindow())
  void wait(ctx.config.timeouts.popup, signal).then(
    () => signal.aborted || finish(Promise.reject(buildTimeout(transaction))),
  )
}
