/**
 * Calls back when this page's own Content-Security-Policy blocks a frame of one of these origins, until the signal is
 * aborted. What another page's headers refuse shows nowhere.
 */
export function onBlockedFrame(
  origins: string[],
  signal: AbortSignal,
  onBlocked: (origin: string) => void,
): void {
  document.addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, disposition, effectiveDirective }) => {
      // A policy that only reports blocks nothing.
      if (effectiveDirective !== 'frame-src' || disposition !== 'enforce') return
      // It can be a word like "inline".
      const origin = URL.canParse(blockedURI) ? new URL(blockedURI).origin : ''
      if (origins.includes(origin)) onBlocked(origin)
    },
    { signal },
  )
}
