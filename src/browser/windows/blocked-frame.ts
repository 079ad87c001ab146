import { AuthError } from '../../base/errors.js'

/**
 * Calls back with the error when this page's own Content-Security-Policy blocks a frame of the server, or of the page that it
 * goes on to, or the form that a long request is sent with (visit.ts), until the signal is aborted. What another page's headers refuse shows nowhere.
 */
export function onBlockedFrame(
  server: string,
  next: string,
  signal: AbortSignal,
  onBlocked: (error: AuthError) => void,
): void {
  // It bubbles, and the window has no names that markup could hide.
  addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, disposition, effectiveDirective }) => {
      // Of a redirect Chromium names the target, and Firefox where it came from.
      const isOurs = [server, next].some((origin) => `${blockedURI}/`.startsWith(origin + '/'))
      // A policy that only reports blocks nothing.
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
