import { wait } from '../base/abort.js'
import type { AuthError } from '../base/errors.js'
import type { TokenOptions } from '../api/token-options.js'
import { checkOnline } from '../browser/environment.js'
import { isUnprocessed } from '../protocol/to-auth-error.js'
import type { SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { Session } from './session.js'

/** How often a request that the server did not process is sent again. */
const resends = 2
/** How long we wait before that for the first time, in milliseconds; twice as long each time after. */
const firstPause = 500
/** How long we wait for that at most, in milliseconds. */
const longestPause = 5000

/** A token to be renewed. */
export interface TokenRequest {
  /** The key that it is kept under. */
  key: string
  options: TokenOptions
  /** The generation that it may be written over. */
  generation: number
}

/** Sends the refresh token. `patient`: whether the caller can wait for a server that is busy. */
export type Refresh = (request: TokenRequest, patient: boolean) => Promise<SessionView>

/** What a refresh needs of its client. */
interface RefreshParts {
  config: Pick<Config, 'issuer'>
  session: Pick<Session, 'getView' | 'sync'>
  vault: Pick<Vault, 'token'>
  signal: AbortSignal
}

/**
 * Creates what sends the refresh token of one client. A request that the server did not process is sent again after a pause, where
 * the caller is `patient`; until the pause that the server asked for is over, no other one is sent.
 */
export function createRefresh({ config, session, vault, signal }: RefreshParts): Refresh {
  let pausedUntil = 0
  let pausedBy: AuthError | undefined

  return async ({ key, options, generation }, patient) => {
    if (Date.now() < pausedUntil) throw pausedBy
    await checkOnline(config.issuer)
    const { resource, scope, authorizationDetails: details } = options
    let over = generation
    for (let resent = 0; ; resent++) {
      try {
        return await vault.token({
          key,
          over,
          resource: resource ?? session.getView().session?.resources[0],
          scope,
          authorization_details: details && JSON.stringify(details),
        })
      } catch (thrown) {
        const error = thrown as AuthError
        if (!isUnprocessed(error)) throw error
        const pause = (error.retryAfter ?? 0) * 1000 || firstPause * 2 ** resent
        pausedUntil = Date.now() + pause
        pausedBy = error
        if (resent === resends || !patient || pause > longestPause) throw error
        await wait(pause, signal)
        over = (await session.sync()).generation
      }
    }
  }
}
