import { AuthError } from '../base/errors.js'
import { wait } from '../base/abort.js'
import { handOver } from '../browser/messages/response-relay.js'
import { awaitsRedirect, keepRedirect, takeRedirect } from '../browser/storage/redirect-storage.js'
import type { Transaction } from '../protocol/transaction.js'
import { makeAttempt, resolveReturnTo, type AttemptOptions } from './authorization-request.js'
import { completeLogin } from './login.js'
import type { Config, Context } from '../session/context.js'

/** How long a navigation may take to leave this page, in milliseconds. */
const leaveLimit = 10_000

/** Leaves for the server. Only ever rejects: with `redirect_not_left` when this page is still, or again, alive. */
export async function loginByRedirect(
  ctx: Context,
  options: AttemptOptions,
  returnTo: string | URL = location.href,
  signal: AbortSignal,
): Promise<never> {
  const back = resolveReturnTo(returnTo)
  // Throws a TypeError for what cannot travel, before anything is sent.
  JSON.stringify(options.appState)
  const { transaction, url } = await makeAttempt(ctx, 'redirect', options)
  signal.throwIfAborted()
  try {
    keepRedirect({ ...transaction, returnTo: back })
  } catch {
    throw new AuthError(
      'storage_unavailable',
      'a redirect login needs sessionStorage, forbidden here: use { mode: "popup" }',
    )
  }
  const returned = new AbortController()
  addEventListener('pageshow', ({ persisted }) => persisted && returned.abort(), {
    signal: returned.signal,
  })
  location.assign(url)
  await wait(leaveLimit, AbortSignal.any([signal, returned.signal]))
  returned.abort()
  throw new AuthError(
    'redirect_not_left',
    'the page did not leave for the server, or came back: a "beforeunload" prompt, the stop or the back button',
  )
}

/** A redirect login as it comes back; without a state when this tab does not know it. */
type Arrival = Partial<Transaction & { reply: string }>

/**
 * Looks whether this page's own URL carries a response (the app is its own redirect URI), and hands it on before
 * anything else runs. True when this page is to do nothing else.
 *
 * @param onOrphan called when it was true and nobody took the response
 */
export function handOn({ redirectUri }: Config, onOrphan: () => void): boolean {
  const { hash, search, pathname } = location
  const given = hash.replace('#', '&') + search.replace('?', '&')
  // The app's own parameters can have these names too, so it must be a state of ours, or one that we wait for.
  const response = /&(code|error)=/.test(given) && (/&state=[pir]\./.test(given) || awaitsRedirect())
  return response && new URL(redirectUri).pathname === pathname && handOver(onOrphan)
}

/**
 * Finishes the redirect login that has come back to this page, if one has. Gives the error that it failed with.
 *
 * @param orphaned whether a response was handed on and nobody took it
 */
export async function finishArrival(ctx: Context, orphaned: boolean): Promise<AuthError | undefined> {
  const { issuer, clientId } = ctx.config
  const isOurs = (kept: Arrival) => kept.issuer === issuer && kept.clientId === clientId
  const arrival: Arrival | undefined = orphaned ? {} : takeRedirect(isOurs)
  if (!arrival) return undefined
  try {
    const { reply: href, state, expiresAt } = arrival
    if (!href || !state || !(expiresAt! > Date.now()))
      throw new AuthError(
        'unknown_transaction',
        'a login came back that this tab does not know: from another tab, too late, or finished before',
      )
    await completeLogin(ctx, { reply: { href }, transaction: arrival as Transaction })
  } catch (error) {
    ctx.emit({ type: 'login_failed', error: error as AuthError })
    return error as AuthError
  }
  return undefined
}
