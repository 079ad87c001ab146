import { AuthError } from '../../base/errors.js'

/**
 * Calls back with the error when this page's own Content-Security-Policy blocks a frame of the server, or of the page that it
 * goes on to, until the signal is aborted. What another page's headers refuse shows nowhere.
 */
export function onBlockedFrame(
  server: string,
  next: string,
  signal: AbortSignal,
  onBlocked: (error: AuthError) => void,
): void {
  document.addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, disposition, effectiveDirective }) => {
      // Of a redirect Chromium names the target, and Firefox where it came from.
      const isOurs = [server, next].some((origin) => `${blockedURI}/`.startsWith(origin + '/'))
      // A policy that only reports blocks nothing.
      if (isOurs && disposition === 'enforce' && effectiveDirective === 'frame-src')
        onBlocked(
          new AuthError(
            'frame_silent',
            `this page blocks the frame: CSP "frame-src" must name ${server} and 'self'`,
          ),
        )
    },
    { signal },
  )
}
