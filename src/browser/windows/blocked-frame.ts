import { AuthError } from '../../base/errors.js'

/**
 * Calls back if the Content-Security-Policy of this page blocks the frame, on the server's origin or on the next one, or the form of
 * a long request (visit.ts). Ends with the signal. A page cannot see what the headers of another page block.
 */
export function onBlockedFrame(
  server: string,
  next: string,
  signal: AbortSignal,
  onBlocked: (error: AuthError) => void,
): void {
  // The event bubbles, and unlike the document, the window has no names that markup can shadow.
  addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, disposition, effectiveDirective }) => {
      // After a redirect, Chromium reports its target, and Firefox its source.
      const isOurs = [server, next].some((origin) => `${blockedURI}/`.startsWith(origin + '/'))
      // A report-only policy blocks nothing.
      if (isOurs && disposition === 'enforce' && /^(frame-src|form-action)$/.test(effectiveDirective))
        onBlocked(
          new AuthError(
            'frame_silent',
            `the CSP of this page blocks the frame: allow ${server} and 'self' in "${effectiveDirective}"`,
          ),
        )
    },
    { signal },
  )
}
