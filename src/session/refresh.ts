import { wait } from '../base/abort.js'
import type { AuthError } from '../base/errors.js'
import type { TokenOptions } from '../api/token-options.js'
import { checkOnline } from '../browser/check-online.js'
import { isUnprocessed } from '../protocol/to-auth-error.js'
import type { SessionView, Vault } from '../vault/vault.js'
import type { Config } from './config.js'
import type { Session } from './session.js'

/** How often a request that the server did not process is repeated. */
const maxRetries = 2
/** The pause before the first repetition, in milliseconds. It doubles each time. */
const firstPause = 500
/** The longest pause that a refresh waits for, in milliseconds. */
const longestPause = 5000

/** A request for a new token. */
export interface TokenRequest {
  /** The key that the token is stored under. */
  key: string
  options: TokenOptions
  /** The generation that the result may replace. */
  generation: number
}

/** Sends the refresh token. `canWait`: whether the caller can wait for a server that is overloaded. */
export type Refresh = (request: TokenRequest, canWait: boolean) => Promise<SessionView>

/** What a refresh needs from its client. */
interface RefreshParts {
  config: Pick<Config, 'issuer'>
  session: Pick<Session, 'getView' | 'sync'>
  vault: Pick<Vault, 'token'>
  signal: AbortSignal
}

/**
 * Creates the function that sends the refresh token of one client. If the caller can wait, a request that the server did not process
 * is repeated after a pause. No other request is sent before the pause that the server demanded is over.
 */
export function createRefresh({ config, session, vault, signal }: RefreshParts): Refresh {
  /** In milliseconds. */
  let pause = 0
  let pausedUntil = 0
  let pausedBy: AuthError | undefined

  return async ({ key, options, generation }, canWait) => {
    const remaining = pausedUntil - Date.now()
    // More than the whole pause remains if the clock was set back meanwhile.
    if (remaining > 0 && remaining <= pause) throw pausedBy
    await checkOnline(config.issuer)
    const { resource, scope, authorizationDetails: details } = options
    let ifGeneration = generation
    for (let retries = 0; ; retries++) {
      try {
        return await vault.token({
          key,
          ifGeneration,
          resource: resource ?? session.getView().session?.resources[0],
          scope,
          authorization_details: details && JSON.stringify(details),
        })
      } catch (thrown) {
        const error = thrown as AuthError
        if (!isUnprocessed(error)) throw error
        pause = (error.retryAfter ?? 0) * 1000 || firstPause * 2 ** retries
        pausedUntil = Date.now() + pause
        pausedBy = error
        if (retries === maxRetries || !canWait || pause > longestPause) throw error
        await wait(pause, signal)
        ifGeneration = (await session.sync()).generation
      }
    }
  }
}
