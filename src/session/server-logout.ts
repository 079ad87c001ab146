import type { AuthEvent } from '../api/events.js'
import type { LogoutOptions } from '../api/logout-options.js'
import { withoutUndefined } from '../base/without-undefined.js'
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
  /** Parameters that are added to the standard ones, or replace them. An undefined one is left out. */
  params: LogoutOptions['params']
}

/** What a logout at the server needs from its client. */
interface ServerLogoutParts {
  config: Pick<
    Config,
    'issuer' | 'clientId' | 'endSessionUrl' | 'redirectUri' | 'windowless' | 'external' | 'timeouts'
  >
  vault: Pick<Vault, 'revoke' | 'server'>
  /** Ends the wait for the window of the host app. */
  signal: AbortSignal
  emit(event: AuthEvent): void
}

/**
 * Revokes the refresh token (RFC 7009), then ends the session at the server (OpenID Connect RP-Initiated Logout 1.0). Failures are
 * reported as events.
 */
export async function logoutAtServer(
  { config, vault, signal, emit }: ServerLogoutParts,
  { returnTo, idTokenHint, params }: ServerLogout,
): Promise<void> {
  const leave = async (back: URL) => {
    const { endSessionUrl, clientId, issuer } = config
    const endpoint = endSessionUrl ?? (await vault.server()).metadata.end_session_endpoint
    if (!endpoint) return
    // Offline, the browser would replace this page with its own error page.
    await checkOnline(issuer)
    const url = new URL(endpoint)
    const standard = !endSessionUrl && { id_token_hint: idTokenHint, post_logout_redirect_uri: back.href }
    const parameters = withoutUndefined<Record<string, string>>({
      ...standard,
      client_id: clientId,
      ...params,
    })
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    // The user's session at the server is in the window of the host app.
    if (config.windowless) return void (await config.external!.visit(config, url.href, back.href, signal))
    visit({ url: url.href, endpoint }, '_self', (href) => location.assign(href))
  }
  const report = (error: AuthError) => emit({ type: 'logout_incomplete', error })
  await vault.revoke().catch(report)
  if (returnTo) await leave(returnTo).catch(report)
}
