import type { AuthError } from '../base/errors.js'
import { isRefusal } from '../protocol/to-auth-error.js'

/** What one renewal knows so far, and which steps have failed. */
export interface RenewalProgress {
  /** Whether there is a refresh token. */
  refreshable: boolean
  /** Whether this or another tab has sent it, and no response said whether the server rotated it. */
  inDoubt?: boolean
  /** Whether the server refused it. It is then deleted. */
  refused?: boolean
  /** Whether a hidden frame can be expected to answer. */
  framePossible: boolean
  /** Whether the old token is still valid. */
  stillValid: boolean
  /** Whether the token is for less than the login requested: a scope, a resource or authorization details. */
  narrowed?: boolean
  /** How the refresh failed, if it was tried. */
  refresh?: AuthError
  /** Whether the token of the login itself was requested, to tell a refused refresh token from a refused narrower request. */
  requestedAll?: boolean
  /** How the frame failed, if it was tried. */
  frame?: AuthError
  /** Whether the frame did not answer within a shortened time limit. */
  hurried?: boolean
}

/** The next step: `lost` ends the session, `failed` leaves it unchanged. */
export type RenewalStep = 'refresh' | 'frame' | 'lost' | 'failed'

/**
 * Chooses the next step of a renewal. A refresh token that is in doubt may have been rotated, and sending it again would then revoke
 * the session. So a frame is tried first, because its new grant does not need the refresh token. If the frame failed for a transient
 * reason, the refresh token is kept for a later attempt.
 */
export function chooseStep(now: RenewalProgress): RenewalStep {
  // A frame with a shortened time limit gets the full one before the session is ended.
  const frameLeft = now.framePossible && (!now.frame || !!(now.refused && now.hurried))
  if (now.refused) {
    if (frameLeft) return 'frame'
    return isHopeless(now) ? 'lost' : 'failed'
  }
  if (now.refresh && !isUnclear(now)) {
    // `busy`, although no other tab was faster, means that nothing was sent. So does a store that did not accept the mark.
    const isUnsent = now.refresh.code === 'busy' || now.refresh.code === 'vault_unavailable'
    const isOpen = (now.inDoubt || isUnsent) && now.refresh.retryable
    return isOpen && frameLeft && !now.stillValid ? 'frame' : 'failed'
  }
  if (now.refreshable && (!now.inDoubt || isHopeless(now))) return 'refresh'
  return frameLeft ? 'frame' : 'failed'
}

/**
 * Tells whether no frame can continue this session. A frame that answered may work at a later attempt if its response could not be
 * redeemed or verified for the moment, or if only the narrower request was refused.
 */
function isHopeless({ framePossible, frame, narrowed }: RenewalProgress): boolean {
  if (!frame) return !framePossible
  if (frame.code === 'frame_silent') return true
  if (frame.retryable || frame.code === 'clock_skew') return false
  return !narrowed || frame.code === 'login_required' || frame.code === 'user_changed'
}

/** Tells whether the refusal of a narrower request may be about the refresh token: the server did not say what it refused. */
function isUnclear({ inDoubt, narrowed, requestedAll, refresh }: RenewalProgress): boolean {
  const { error = 'invalid_request' } = refresh!
  const isOpen = inDoubt && narrowed && !requestedAll
  return !!isOpen && isRefusal(refresh!) && error === 'invalid_request'
}
