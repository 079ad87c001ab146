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
      return addFailure(event.error, 'Logout incomplete at the server')
    case 'store_failed':
      return addEntry('event', 'Storage failed, memory took over', event.message)
    case 'popup_cut_off':
      return addEntry(
        'event',
        'Window cut off',
        'Its page isolated itself; the callback page is used from now on',
      )
  }
}

const renewals = {
  refresh: 'with the refresh token',
  iframe: 'through a hidden iframe',
  tab: 'taken over from another tab',
}
