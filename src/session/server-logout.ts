import type { AuthEvent } from '../api/events.js'
import type { AuthError } from '../base/errors.js'
import { checkOnline } from '../browser/check-online.js'
import { visit } from '../browser/windows/visit.js'
import type { Vault } from '../vault/vault.js'
import type { Config } from './config.js'

/** The part of a logout that is left for the server. */
export interface ServerLogout {
  /** Where the server sends the user afterwards; undefined if the page does not navigate. */
  returnTo: URL | undefined
  idTokenHint: string | undefined
}

/** What a logout at the server needs from its client. */
interface ServerLogoutParts {
  config: Pick<Config, 'issuer' | 'clientId' | 'redirectUri' | 'windowless' | 'external' | 'timeouts'>
  vault: Pick<Vault, 'revoke' | 'server'>
  emit(event: AuthEvent): void
}

/**
 * Revokes the refresh token (RFC 7009), then ends the session at the server (OpenID Connect RP-Initiated Logout 1.0). Failures are
 * reported as events.
 */
export async function logoutAtServer(
  { config, vault, emit }: ServerLogoutParts,
  { returnTo, idTokenHint }: ServerLogout,
): Promise<void> {
  const leave = async (back: URL) => {
    const { end_session_endpoint } = (await vault.server()).metadata
    if (!end_session_endpoint) return
    // Offline, the browser would replace this page with its own error page.
    await checkOnline(config.issuer)
    const url = new URL(end_session_endpoint)
    if (idTokenHint) url.searchParams.set('id_token_hint', idTokenHint)
    url.searchParams.set('client_id', config.clientId)
    url.searchParams.set('post_logout_redirect_uri', back.href)
    // The session of the user is in the window of the host app.
    if (config.windowless) return void (await config.external!.visit(config, url.href, back.href))
    visit({ url: url.href, endpoint: end_session_endpoint }, '_self', (href) => location.assign(href))
  }
  const report = (error: AuthError) => emit({ type: 'logout_incomplete', error })
  await vault.revoke().catch(report)
  if (returnTo) await leave(returnTo).catch(report)
}
