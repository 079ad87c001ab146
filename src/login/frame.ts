import { AuthError } from '../base/errors.js'
import { unlessAborted } from '../base/abort.js'
import type { State } from '../api/types.js'
import { onBlockedFrame } from '../browser/windows/blocked-frame.js'
import { openFrame } from '../browser/windows/frame.js'
import { listenForReply, type Reply } from '../browser/messages/response-listener.js'
import type { Transaction } from '../protocol/transaction.js'
import { makeAttempt, type AttemptOptions } from './authorization-request.js'
import { completeLogin } from './login.js'
import type { Context } from '../session/context.js'

/**
 * Asks the server in a hidden frame, with `prompt=none`, for an answer that needs no user. Rejects with `frame_silent`
 * when none comes in time; whether the answer is an error shows when it is redeemed.
 */
export async function askInFrame(
  ctx: Context,
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<{ reply: Reply; transaction: Transaction }> {
  const { transaction, serverOrigin, url } = await makeAttempt(ctx, 'iframe', {
    ...options,
    prompt: 'none',
  })
  const scope = new AbortController()
  const limit = AbortSignal.timeout(ctx.config.timeouts.iframe)
  const answer = new Promise<Reply>((resolve, reject) => {
    onBlockedFrame(new URL(url).origin, serverOrigin ?? location.origin, scope.signal, reject)
    const frame = openFrame(url, scope.signal)
    const isSource = (source: unknown) => source !== null && source === frame.contentWindow
    listenForReply({ state: transaction.state, serverOrigin, isSource }, scope.signal, resolve)
  })
  try {
    return { reply: await unlessAborted(answer, AbortSignal.any([signal, limit])), transaction }
  } catch (error) {
    if (error !== limit.reason) throw error
    // A browser hides from us why a frame stays silent: the message lists what it can be.
    throw new AuthError(
      'frame_silent',
      `no answer from ${new URL(url).origin} in a hidden frame: it forbids framing (X-Frame-Options, "frame-ancestors"), or this page does (COEP), the browser keeps its cookies back (third-party cookies), "redirectUri" (${transaction.redirectUri}) is not registered, or it is down`,
    )
  } finally {
    scope.abort()
  }
}

/** Starts a session from one at the server, in a hidden frame. */
export async function loginSilently(
  ctx: Context,
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<State> {
  // Nobody clicked: a logout in another tab is the last word.
  const { generation: over } = await ctx.sync()
  return completeLogin(ctx, { ...(await askInFrame(ctx, options, signal)), over })
}
