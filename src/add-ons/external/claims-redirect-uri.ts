import { checkOption } from '../../base/check-option.js'
import { isEndpoint } from '../../protocol/secure-url.js'

/**
 * Tells whether the host app, and no window of this page, can receive a response at this URL (RFC 8252 section 7). Throws a `TypeError`
 * if neither can.
 *
 * The period of a private-use scheme keeps two apps from choosing the same one, and excludes schemes such as `javascript:` and `file:`.
 */
export function claimsRedirectUri(redirectUri: string): boolean {
  // On a server (SSR), nobody logs in.
  if (typeof location === 'undefined') return false
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined
  // Not on a page with a scheme such as `capacitor:`, which has no origin for `URL`.
  const isOwn = url?.origin === location.origin
  checkOption(
    'redirectUri',
    url && (isOwn || isEndpoint(redirectUri) || url.protocol.includes('.')) && !url.hash,
    'an https: URL (http: only on localhost) or a private-use scheme with a period, such as com.example.app:/callback, without a fragment (RFC 8252 section 7)',
    redirectUri,
  )
  return !isOwn || typeof document === 'undefined'
}
