import { AuthError, isAuthError } from '../base/errors.js'
import type { LogoutOptions } from '../api/logout-options.js'
import { checkOnline } from '../browser/environment.js'
import type { Context } from './context.js'

/**
 * Logs out: first of all here and in every tab, then the refresh token is revoked (RFC 7009), then the server's own
 * session is ended (OpenID Connect RP-Initiated Logout 1.0). Neither of the latter can hold up the former.
 */
export async function logout(
  ctx: Context,
  { local, returnTo = '/', revoke = true }: LogoutOptions,
): Promise<void> {
  const back = new URL(returnTo, location.href)
  ctx.end()
  const { view, idTokenHint, revoked } = await ctx.vault.clear('logout', { revoke })
  ctx.apply(view, 'logout')
  const report = (error: unknown) =>
    ctx.emit({
      type: 'logout_incomplete',
      error: isAuthError(error) ? error : new AuthError('timeout', 'revocation: no answer in time'),
    })
  await revoked.catch(report)
  if (local) return
  try {
    const { end_session_endpoint } = (await ctx.vault.server()).metadata
    if (!end_session_endpoint) return
    // The browser would leave this page for one of its own, which says so and no more.
    checkOnline()
    const url = new URL(end_session_endpoint)
    if (idTokenHint) url.searchParams.set('id_token_hint', idTokenHint)
    url.searchParams.set('client_id', ctx.config.clientId)
    url.searchParams.set('post_logout_redirect_uri', back.href)
    location.assign(url)
  } catch (error) {
    report(error)
  }
}
