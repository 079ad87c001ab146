import type { AuthEvent } from 'latchkey'
import { addFailure } from './failures.js'
import { addEntry } from './timeline.js'

/** Adds an event of latchkey to the timeline. */
export function addEventEntry(event: AuthEvent): void {
  switch (event.type) {
    case 'renewed':
      return addEntry('event', 'Token renewed', renewals[event.via])
    case 'renewal_failed':
      return addFailure(event.error, 'Renewal failed')
    case 'login_failed':
      return addFailure(event.error, 'Login failed')
    case 'logout_incomplete':
      return addFailure(event.error, 'Logout did not complete at the server')
    case 'store_failed':
      return addEntry('event', 'Storage failed, continuing in memory', event.message)
    case 'popup_cut_off':
      return addEntry(
        'event',
        'Popup severed',
        'by a Cross-Origin-Opener-Policy header; logins now use the callback page',
      )
  }
}

const renewals = {
  refresh: 'with the refresh token',
  iframe: 'through a hidden iframe',
  tab: 'received from another tab',
}
