import type { AuthError } from '../base/errors.js'
import { checkOnline } from '../browser/check-online.js'
import type { Redemption, SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { TokenRequest } from './refresh.js'
import type { LiveSession } from './tokens.js'

/** How soon after a login a frame that says "nobody is logged in" can only mean that it never sees the session, in ms. */
const hopelessWithin = 60_000
/** How long frames that did not answer keep us from trying another one, in ms: an outage ends. */
const silence = 600_000

/** Asks the server in a hidden frame for a response that needs no user; `limit` in milliseconds. */
export type AskInFrame = (
  options: {
    resources: string[]
    scope: string
    params: Record<string, string | undefined> | undefined
    authorizationDetails: object[] | undefined
    hinted: boolean
  },
  signal: AbortSignal,
  limit: number,
) => Promise<Pick<Redemption, 'reply' | 'transaction'>>

/** Asks in a hidden frame for a new grant of the same user; `limit` in milliseconds. */
export type GrantInFrame = (
  request: TokenRequest,
  session: LiveSession,
  limit: number,
) => Promise<SessionView>

/** What a grant in a frame needs of its client. */
interface FrameGrantParts {
  config: Pick<Config, 'issuer' | 'timeouts'>
  vault: Pick<Vault, 'server' | 'updateHints' | 'redeem'>
  signal: AbortSignal
  askInFrame: AskInFrame
}

/** Creates what asks in a hidden frame. Notes how frames fail: a server that never answers there is not asked each time. */
export function createFrameGrant({ config, vault, signal, askInFrame }: FrameGrantParts): GrantInFrame {
  const learnFrom = async ({ code }: AuthError, { loggedInAt }: LiveSession, limit: number) => {
    const { silentFrames = 0 } = (await vault.server()).hints
    if (code === 'frame_silent' && limit === config.timeouts.iframe)
      await vault.updateHints({ silentFrames: silentFrames + 1, silentUntil: Date.now() + silence })
    if (code === 'login_required' && Date.now() - loggedInAt < hopelessWithin)
      await vault.updateHints({ silentFrames: 2, silentUntil: Number.MAX_SAFE_INTEGER })
  }

  return async ({ key, options, generation }, session, limit) => {
    await checkOnline(config.issuer)
    const { resource, scope, authorizationDetails = session.authorizationDetails } = options
    const others = session.resources.filter((one) => one !== resource)
    const request = {
      // The code is redeemed for the first resource; an empty one is none, and is not sent.
      resources: resource === undefined ? session.resources : [resource, ...others],
      // With an ID token: it says whose grant it is.
      scope: scope ? 'openid ' + scope : session.scope,
      params: session.params,
      authorizationDetails,
    }
    const ask = async (hinted: boolean) => {
      const answer = await askInFrame({ ...request, hinted }, signal, limit)
      return vault.redeem({ ...answer, key, renews: true, over: generation, hints: { silentFrames: 0 } })
    }
    try {
      // A server whose keys have changed since cannot check the hint, and refuses the request.
      return await ask(true).catch((error: AuthError) => {
        if (error.code !== 'invalid_request') throw error
        return ask(false)
      })
    } catch (error) {
      await learnFrom(error as AuthError, session, limit)
      throw error
    }
  }
}
