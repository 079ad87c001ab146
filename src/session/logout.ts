import { AuthError, isAuthError } from '../base/errors.js'
import type { LogoutOptions } from '../api/logout-options.js'
import { resolveUrl } from '../browser/resolve-url.js'
import { visit } from '../browser/windows/visit.js'
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
  const back = resolveUrl(returnTo) ?? new URL(returnTo)
  ctx.end()
  const { view, idTokenHint, revoked, loggedOut, stillStored } = await ctx.vault.clear('logout', { revoke })
  ctx.apply(view, loggedOut)
  const report = (error: unknown) =>
    ctx.emit({
      type: 'logout_incomplete',
      error: isAuthError(error)
        ? error
        : new AuthError('timeout', 'the revocation endpoint did not answer in time'),
    })
  await revoked.catch(report)
  if (!local) await leave(ctx, back, idTokenHint).catch(report)
  if (!stillStored) return
  const error = new AuthError(
    'storage_unavailable',
    'the session is still stored, because the browser denied access: clear the data of this site',
  )
  report(error)
  throw error
}

/** Leaves for the server's own logout, where it has one. */
async function leave(ctx: Context, back: URL, idTokenHint: string | undefined): Promise<void> {
  const { end_session_endpoint } = (await ctx.vault.server()).metadata
  if (!end_session_endpoint) return
  // The browser would leave this page for one of its own, which says so and no more.
  await checkOnline(ctx.config.issuer)
  const url = new URL(end_session_endpoint)
  if (idTokenHint) url.searchParams.set('id_token_hint', idTokenHint)
  url.searchParams.set('client_id', ctx.config.clientId)
  url.searchParams.set('post_logout_redirect_uri', back.href)
  visit({ url: url.href, endpoint: end_session_endpoint }, '_self', (href) => location.assign(href))
}
