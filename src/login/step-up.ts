import { unlessAborted } from '../base/abort.js'
import { AuthError } from '../base/errors.js'
import type { State } from '../api/state.js'
import { readChallenge } from '../fetch/challenge.js'
import type { AddOnLogin } from '../session/add-on.js'
import type { Config } from '../session/config.js'
import type { StepUp } from '../fetch/authorized-fetch.js'
import type { Session } from '../session/session.js'
import { checkOwner } from '../session/tokens.js'

/** A login that an API or an add-on requires, bound to the logged-in user and to the session. */
export type StepUpLogin = AddOnLogin

/**
 * Creates the step-up of one client. Requests that are refused at the same time share one login. It is cancelled when all of them
 * are.
 */
export function createStepUp(
  { stepUp: mode }: Pick<Config, 'stepUp'>,
  { getView }: Pick<Session, 'getView'>,
  login: (options: StepUpLogin, signal: AbortSignal) => Promise<State>,
  closing: AbortSignal,
): StepUp {
  let running: { login: Promise<State>; end: AbortController; callers: number } | undefined
  return async (response, owner, signal) => {
    const { session, generation: since } = getView()
    const read = (name: string) => readChallenge(response, name)
    const scope = read('scope')
    const maxAge = read('max_age')
    const error = read('error')
    const needsStronger = response.status === 401 && error === 'insufficient_user_authentication'
    const needsWider = response.status === 403 && error === 'insufficient_scope' && scope
    if (!mode || !session || !(needsStronger || needsWider)) return undefined
    checkOwner(getView(), owner)
    if (!session.user)
      throw new AuthError(
        'user_changed',
        'a step-up cannot identify the user without "openid" in "scope": call login()',
      )
    const options = {
      mode,
      acrValues: read('acr_values'),
      scope: [...new Set(`${session.scope} ${scope}`.trim().split(' '))].join(' '),
      resource: session.resources,
      params: session.params,
      sub: session.user.sub,
      since,
      ...(maxAge && { maxAge: +maxAge }),
    }
    const end = new AbortController()
    // Set before the window opens, because Firefox runs other tasks of this page while it opens a window.
    const shared = (running ??= {
      login: Promise.resolve().then(() => login(options, AbortSignal.any([closing, end.signal]))),
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
