import { AuthError } from '../base/errors.js'
import { unlessAborted, wait } from '../base/abort.js'
import type { State } from '../api/types.js'
import { openPopup, watchPopup } from '../browser/windows/popup.js'
import { listenForReply, type Reply } from '../browser/messages/response-listener.js'
import type { Transaction } from '../protocol/transaction.js'
import {
  buildAttempt,
  isPushed,
  makeAttempt,
  type Attempt,
  type AttemptOptions,
  type Prepared,
} from './authorization-request.js'
import { completeLogin, warmKeys } from './login.js'
import type { Context } from '../session/context.js'

/** How long an answer is still good after its login was given up, in milliseconds. */
const lateLimit = 120_000
/** How long a server is asked for the callback page after its window was cut off, in milliseconds. */
const cutOffMemory = 24 * 60 * 60 * 1000

/** Logs in by popup. Opens the window before anything is awaited: call it inside a gesture. */
export async function loginByPopup(
  ctx: Context,
  options: AttemptOptions,
  prepared: Prepared | undefined,
  signal: AbortSignal,
): Promise<State> {
  let attempt: Attempt | undefined
  if (prepared && !isPushed(ctx.config, prepared))
    attempt = buildAttempt(ctx.config, prepared, 'popup', options)
  const popup = openPopup(attempt?.url ?? 'about:blank', crypto.randomUUID())
  if (!popup)
    throw new AuthError(
      'popup_blocked',
      'the browser blocked the window: call login() in a click or key handler before any await, or use { mode: "redirect" }',
    )
  // The one ends with the promise, the other with the transaction, which can outlive it.
  const waiting = new AbortController()
  const listening = new AbortController()
  const end = () => {
    popup.close()
    listening.abort()
  }
  signal.addEventListener('abort', end, { signal: listening.signal })
  ctx.windows.add(popup)
  ctx.showStage('opening')
  try {
    if (!attempt) {
      const made = await unlessAborted(makeAttempt(ctx, 'popup', options), signal)
      // Nothing can have cut it off yet.
      if (popup.closed) throw buildClosed()
      attempt = made
      // `replace` leaves no about:blank behind for the back button.
      popup.location.replace(attempt.url)
    }
    ctx.showStage('waiting')
    const sent = attempt
    const { serverOrigin, transaction } = sent
    warmKeys(ctx, transaction)
    // Firefox: the source is null when the server's page posts and closes itself before this page gets to the message.
    const isSource = (source: unknown) => source === popup || (source === null && popup.closed)
    const login = new Promise<State>((resolve, reject) => {
      giveUp(ctx, sent, popup, waiting.signal, reject)
      listenForReply({ state: transaction.state, serverOrigin, isSource }, listening.signal, (reply) => {
        const done = redeem(ctx, sent, reply, !popup.closed)
        // Late, there may be nobody left to hear of it.
        done.catch(() => {})
        resolve(done)
        waiting.abort()
        end()
      })
    })
    return await unlessAborted(login, signal)
  } finally {
    // The window may have been cut off and still be open: what comes out of it late is good for a while.
    if (attempt) void wait(lateLimit, listening.signal).then(end)
    else end()
    waiting.abort()
    ctx.windows.delete(popup)
    ctx.showStage()
  }
}

/** Redeems an answer, shows that, and tells who listens for events when it fails. */
export async function redeem(
  ctx: Context,
  { transaction }: Attempt,
  reply: Reply,
  uncut: boolean,
): Promise<State> {
  ctx.showStage('redeeming')
  try {
    await completeLogin(ctx, { reply, transaction, hints: uncut ? { cutOffUntil: 0 } : {} })
  } catch (error) {
    ctx.emit({ type: 'login_failed', error: error as AuthError })
    throw error
  } finally {
    ctx.showStage()
  }
  return ctx.getState()
}

/** Gives the login up when its window is gone, cannot answer any more, or takes too long. */
function giveUp(
  ctx: Context,
  attempt: Attempt,
  popup: Window,
  signal: AbortSignal,
  reject: (error: AuthError) => void,
): void {
  watchPopup(popup, signal, {
    cut(where) {
      ctx.emit({ type: 'popup_cut_off' })
      if (where === 'at the server' || attempt.serverOrigin)
        void ctx.vault.learn({ cutOffUntil: Date.now() + cutOffMemory })
      // The callback page still reaches us over a channel; a message of the server does not.
      if (attempt.serverOrigin)
        reject(
          new AuthError(
            'popup_cut_off',
            'the window was cut off by Cross-Origin-Opener-Policy, there or here: log in again, which uses the callback page',
          ),
        )
    },
    gone: () => reject(buildClosed()),
  })
  void wait(ctx.config.timeouts.popup, signal).then(() => {
    if (signal.aborted) return
    reject(buildTimeout(attempt.transaction))
    popup.close()
  })
}

/** Builds the error of a login whose answer does not come. A server that knows no such redirect URI says so to the user alone. */
export function buildTimeout({ redirectUri }: Transaction): AuthError {
  return new AuthError(
    'timeout',
    `no answer in time: are "clientId" and "redirectUri" (${redirectUri}) registered, and is the callback page served there?`,
  )
}

function buildClosed(): AuthError {
  return new AuthError('popup_closed', 'the window was closed before the login was done')
}
