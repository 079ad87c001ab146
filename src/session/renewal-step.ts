import type { AuthError } from '../base/errors.js'
import { isUnprocessed } from '../protocol/to-auth-error.js'

/** What has happened so far in one renewal. */
export interface RenewalProgress {
  /** Whether there is a refresh token. */
  refreshable: boolean
  /** Whether it was sent before and its answer never arrived. */
  inDoubt?: boolean
  /** Whether a hidden frame can be expected to answer. */
  framePossible: boolean
  /** Whether the old token is good for a little longer. */
  stillValid: boolean
  /** How the refresh token was answered, when it was sent. */
  refresh?: AuthError
  /** How the frame was answered, when it was asked. */
  frame?: AuthError
}

/** What to do next: `lost` ends the session, `failed` leaves it as it is. */
export type RenewalStep = 'refresh' | 'frame' | 'lost' | 'failed'

/**
 * Decides the next step of a renewal. A refresh token that is in doubt may have been rotated, and sending it again
 * would then revoke the session: the frame comes first, a new grant that does not need it. Where that failed of something that
 * passes, it is waited for.
 */
export function chooseStep(now: RenewalProgress): RenewalStep {
  const frameLeft = now.framePossible && !now.frame
  if (now.refresh) {
    if (now.refresh.code === 'invalid_grant') return frameLeft ? 'frame' : 'lost'
    return isUnknown(now.refresh) && frameLeft && !now.stillValid ? 'frame' : 'failed'
  }
  if (now.refreshable && !(now.inDoubt && (frameLeft || isPassing(now.frame)))) return 'refresh'
  return frameLeft ? 'frame' : 'failed'
}

/** Tells whether the server may have processed a request whose answer is of no use. */
function isUnknown(error: AuthError): boolean {
  return error.retryable && !isUnprocessed(error)
}

/** Tells whether a frame can help another time: it answered, and its answer could not be redeemed or judged for the moment. */
function isPassing(frame: AuthError | undefined): boolean {
  return frame?.code === 'clock_skew' || (!!frame?.retryable && frame.code !== 'frame_silent')
}
