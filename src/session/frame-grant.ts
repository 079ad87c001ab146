import type { AuthError } from '../base/errors.js'
import { checkOnline } from '../browser/check-online.js'
import type { Redemption, SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { TokenRequest } from './refresh.js'
import type { LiveSession } from './tokens.js'

/** If a frame says `login_required` this soon after a login, the browser hides the session of the server from it. In milliseconds. */
const recentLogin = 60_000
/** How long to avoid frames after two that did not answer, in milliseconds. Limited, because an outage ends. */
const silentPause = 600_000

/** Sends an authorization request in a hidden frame, without the user; `limit` in milliseconds. */
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

/** Gets a new grant for the same user in a hidden frame; `limit` in milliseconds. */
export type GrantInFrame = (
  request: TokenRequest,
  session: LiveSession,
  limit: number,
) => Promise<SessionView>

/** What a grant in a frame needs from its client. */
interface FrameGrantParts {
  config: Pick<Config, 'issuer' | 'timeouts'>
  vault: Pick<Vault, 'server' | 'updateHints' | 'redeem'>
  signal: AbortSignal
  askInFrame: AskInFrame
}

/**
 * Creates the function that gets grants in hidden frames. It records how frames fail, so that a server that never answers in a frame
 * is not tried at every renewal.
 */
export function createFrameGrant({ config, vault, signal, askInFrame }: FrameGrantParts): GrantInFrame {
  const recordFailure = async ({ code }: AuthError, { loggedInAt }: LiveSession, limit: number) => {
    const { silentFrames = 0 } = (await vault.server()).hints
    if (code === 'frame_silent' && limit === config.timeouts.iframe)
      await vault.updateHints({ silentFrames: silentFrames + 1, silentUntil: Date.now() + silentPause })
    if (code === 'login_required' && Date.now() - loggedInAt < recentLogin)
      await vault.updateHints({ silentFrames: 2, silentUntil: Number.MAX_SAFE_INTEGER })
  }

  return async ({ key, options, generation }, session, limit) => {
    await checkOnline(config.issuer)
    const { resource, scope, authorizationDetails = session.authorizationDetails } = options
    const others = session.resources.filter((one) => one !== resource)
    const request = {
      // The code is redeemed for the first resource. An empty one means none, and is not sent.
      resources: resource === undefined ? session.resources : [resource, ...others],
      // `openid` is added because the ID token identifies the user of the grant.
      scope: scope ? 'openid ' + scope : session.scope,
      params: session.params,
      authorizationDetails,
    }
    const ask = async (hinted: boolean) => {
      const answer = await askInFrame({ ...request, hinted }, signal, limit)
      return vault.redeem({ ...answer, key, renews: true, ifGeneration: generation })
    }
    try {
      // A server whose keys have changed cannot verify the hint, and refuses the request.
      return await ask(true).catch((error: AuthError) => {
        if (error.code !== 'invalid_request') throw error
        return ask(false)
      })
    } catch (error) {
      await recordFailure(error as AuthError, session, limit)
      throw error
    }
  }
}
