import type { AuthError } from '../base/errors.js'
import { isRefusal } from '../protocol/to-auth-error.js'

/** What has happened so far in one renewal. */
export interface RenewalProgress {
  /** Whether there is a refresh token. */
  refreshable: boolean
  /** Whether it was sent, by whomever, and no answer said what became of it. */
  inDoubt?: boolean
  /** Whether the server refused it, so that it is gone. */
  refused?: boolean
  /** Whether a hidden frame can be expected to answer. */
  framePossible: boolean
  /** Whether the old token is still valid. */
  stillValid: boolean
  /** Whether the token is for less than the login asked for: a scope, a resource or authorization details. */
  narrowed?: boolean
  /** How the refresh token was answered, when it was sent. */
  refresh?: AuthError
  /** Whether the login's own token was asked for, to tell a refused refresh token from a refused narrower request. */
  askedForAll?: boolean
  /** How the frame was answered, when it was asked. */
  frame?: AuthError
  /** Whether the frame was silent, and was given less than its whole time. */
  hurried?: boolean
}

/** What to do next: `lost` ends the session, `failed` leaves it as it is. */
export type RenewalStep = 'refresh' | 'frame' | 'lost' | 'failed'

/**
 * Decides the next step of a renewal. A refresh token that is in doubt may have been rotated, and sending it again
 * would then revoke the session: the frame comes first, a new grant that does not need it. Where that failed for a reason that
 * passes, it is waited for.
 */
export function chooseStep(now: RenewalProgress): RenewalStep {
  // One that had little time gets all of it before a session is given up.
  const frameLeft = now.framePossible && (!now.frame || !!(now.refused && now.hurried))
  if (now.refused) {
    if (frameLeft) return 'frame'
    return isHopeless(now) ? 'lost' : 'failed'
  }
  if (now.refresh && !isUnclear(now)) {
    // `busy` without another tab that was quicker: the mark could not be stored, and nothing was sent.
    const isOpen = (now.inDoubt || now.refresh.code === 'busy') && now.refresh.retryable
    return isOpen && frameLeft && !now.stillValid ? 'frame' : 'failed'
  }
  if (now.refreshable && (!now.inDoubt || isHopeless(now))) return 'refresh'
  return frameLeft ? 'frame' : 'failed'
}

/**
 * Tells whether no frame can go on with this session. One that answered can help another time where the answer could not be
 * redeemed or judged for the moment, or where only the narrower request was refused.
 */
function isHopeless({ framePossible, frame, narrowed }: RenewalProgress): boolean {
  if (!frame) return !framePossible
  if (frame.code === 'frame_silent') return true
  if (frame.retryable || frame.code === 'clock_skew') return false
  return !narrowed || frame.code === 'login_required' || frame.code === 'user_changed'
}

/** Tells whether a refused request for less can mean the refresh token as well: the server did not say what it refused. */
function isUnclear({ inDoubt, narrowed, askedForAll, refresh }: RenewalProgress): boolean {
  const { error = 'invalid_request' } = refresh!
  const isOpen = inDoubt && narrowed && !askedForAll
  return !!isOpen && isRefusal(refresh!) && error === 'invalid_request'
}
