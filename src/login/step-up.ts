import { unlessAborted } from '../base/abort.js'
import type { LoginOptions, State } from '../api/types.js'
import { readChallenge } from '../protocol/challenge.js'
import type { Context } from '../session/context.js'
import { checkOwner, type Owner } from '../session/tokens.js'

/** A login that an answer asks for, bound to the user who is logged in, and to the session. */
export type StepUpLogin = LoginOptions & { sub?: string | undefined; since?: number }

/**
 * Logs in again where an API's answer asks for a stronger or fresher login (RFC 9470 section 4) or for more scope (RFC 6750
 * section 3.1), and gives the scope that was added, which can be empty; undefined when the answer says nothing of the kind.
 * Nobody is asked to log in for the request of another user.
 */
export type StepUp = (response: Response, owner: Owner, signal: AbortSignal) => Promise<string | undefined>

/**
 * Creates the step-up of one client. However many requests are refused at once, one login is under way; it is given up
 * when all of them are.
 */
export function createStepUp(
  ctx: Context,
  login: (options: StepUpLogin, signal: AbortSignal) => Promise<State>,
): StepUp {
  let running: { login: Promise<State>; end: AbortController; callers: number } | undefined
  return async (response, owner, signal) => {
    const { session, generation: since } = ctx.getView()
    const { stepUp: mode } = ctx.config
    const read = (name: string) => readChallenge(response, name)
    const [scope, maxAge] = [read('scope'), read('max_age')]
    const stronger = response.status === 401 && read('error') === 'insufficient_user_authentication'
    const wider = response.status === 403 && read('error') === 'insufficient_scope' && scope
    if (!mode || !session || !(stronger || wider)) return undefined
    checkOwner(ctx.getView(), owner)
    const options = {
      mode,
      acrValues: read('acr_values'),
      scope: [...new Set(`${session.scope} ${scope}`.trim().split(' '))].join(' '),
      resource: session.resources,
      params: session.params,
      sub: session.user?.sub,
      since,
      ...(maxAge && { maxAge: +maxAge }),
    }
    const end = new AbortController()
    // Set before the window opens: Firefox runs other tasks of this page while it opens one.
    const shared = (running ??= {
      login: Promise.resolve().then(() => login(options, AbortSignal.any([ctx.signal, end.signal]))),
      end,
      callers: 0,
    })
    shared.callers++
    try {
      await unlessAborted(shared.login, signal)
    } finally {
      if (!--shared.callers) {
        running = undefined
        shared.end.abort()
      }
    }
    return scope
  }
}
