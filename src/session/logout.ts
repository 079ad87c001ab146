import type { AuthEvent } from '../api/events.js'
import type { LogoutOptions } from '../api/logout-options.js'
import { AuthError } from '../base/errors.js'
import { resolveUrl } from '../browser/resolve-url.js'
import type { SessionAccess } from '../vault/session-repository.js'
import type { Config } from './config.js'
import type { ServerLogout } from './server-logout.js'
import type { Session } from './session.js'

/** What a logout needs from its client. */
export interface LogoutParts {
  config: Pick<Config, 'windowless' | 'redirectUri'>
  session: Pick<Session, 'end' | 'apply'>
  repository: Pick<SessionAccess, 'clear'>
  emit(event: AuthEvent): void
  engine: {
    /** Revokes the refresh token and ends the session at the server. */
    logoutAtServer(logout: ServerLogout): Promise<void>
  }
}

/** Logs out in this tab and all others, then at the server. Nothing at the server can delay the first step. */
export async function logout(
  { config, session, repository, emit, engine }: LogoutParts,
  { local, returnTo = config.windowless ? config.redirectUri : '/', revoke = true, params }: LogoutOptions,
): Promise<void> {
  const back = resolveUrl(returnTo) ?? new URL(returnTo)
  session.end()
  const { view, idTokenHint, loggedOut, stillStored } = await repository.clear('logout', { revoke })
  session.apply(view, loggedOut)
  const report = (error: AuthError) => emit({ type: 'logout_incomplete', error })
  if (revoke || !local) {
    const serverLogout = { returnTo: local ? undefined : back, idTokenHint, params }
    await engine.logoutAtServer(serverLogout).catch(report)
  }
  if (!stillStored) return
  const error = new AuthError(
    'storage_unavailable',
    'the session is still stored, because the browser denied access: clear the data of this site',
  )
  report(error)
  throw error
}
