import type { Claims } from '../../api/claims.js'
import type { Client } from '../../api/client.js'
import type { LogoutOptions } from '../../api/logout-options.js'
import { checkOption } from '../../base/check-option.js'
import { createEmitter } from '../../base/emitter.js'
import { isTime } from '../../base/is-time.js'
import { withoutPrototype } from '../../base/without-prototype.js'
import { onWake } from '../../browser/page-lifecycle.js'
import { getAddOn, type AddOnHost } from '../../session/add-on.js'
import { readActivity, storeActivity } from './last-activity.js'
import { logOutOnce } from './log-out-once.js'
import { watchTime } from './watch-time.js'

/** The events that count as activity. Scrolling is not one of them, because a page can also scroll by itself. */
const activities = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'] as const

/** The minimum time between two records of activity, in milliseconds. */
const recordInterval = 1000

/** A warning that the user will be logged out soon. */
export interface IdleWarning {
  /** How many seconds are left, rounded up. */
  secondsLeft: number
  /**
   * Keeps the user logged in, in all tabs, and restarts the idle time.
   *
   * @example
   * import { logoutWhenIdle } from 'latchkey/idle'
   * const onWarning = (warning?: { stay(): void }) => document.querySelector('button')?.addEventListener('click', () => warning?.stay())
   * logoutWhenIdle(auth, { after: 15 * 60_000, warn: 60_000, onWarning })
   */
  stay(): void
}

/** Options of `logoutWhenIdle`. An invalid value causes a `TypeError`. */
export interface IdleOptions {
  /**
   * The idle time in milliseconds. The user is logged out after this long without activity in any tab.
   *
   * @example
   * import { logoutWhenIdle } from 'latchkey/idle'
   * logoutWhenIdle(auth, { after: 15 * 60_000 })
   */
  after: number
  /**
   * How long before the logout the warning starts, in milliseconds. Must be less than `after`.
   *
   * @default 0: no warning
   * @example
   * import { logoutWhenIdle } from 'latchkey/idle'
   * const onWarning = () => console.log('still there?')
   * logoutWhenIdle(auth, { after: 15 * 60_000, warn: 60_000, onWarning })
   */
  warn?: number | undefined
  /**
   * Called once a second during the warning, in every tab, and with undefined when the warning is over, because the user stays (in
   * this tab or another) or the session has ended. During the warning, only `stay()` counts as activity.
   *
   * @default none
   * @example
   * import { logoutWhenIdle } from 'latchkey/idle'
   * const onWarning = (warning?: { secondsLeft: number }) => console.log(warning?.secondsLeft)
   * logoutWhenIdle(auth, { after: 15 * 60_000, warn: 60_000, onWarning })
   */
  onWarning?: ((warning: IdleWarning | undefined) => void) | undefined
  /**
   * The options of the `logout()` that ends the session.
   *
   * @default {}: the page navigates to the server, which ends its session, too
   * @example
   * import { logoutWhenIdle } from 'latchkey/idle'
   * logoutWhenIdle(auth, { after: 15 * 60_000, logout: { local: true } })
   * @see OpenID Connect RP-Initiated Logout section 2
   */
  logout?: LogoutOptions | undefined
}

/**
 * Logs the user out after a period without activity: no key, pointer, wheel or touch event in any tab of this origin. Returns a
 * function that stops it.
 *
 * All tabs share one idle time, in `localStorage`. It continues while the device sleeps and while no page is open: a session that is
 * restored too late ends immediately. A login restarts it. If several tabs are open, one of them calls `logout()`. Its failures are
 * reported to `onEvent`, like those of any `logout()` (`logout_incomplete`).
 *
 * This is a convenience, not a guarantee: a closed browser logs nobody out, and a script in the page can fake activity. Limit the
 * session at the server as well. Call it on every page of the app. Does nothing without a page (SSR). Throws a `TypeError` for an
 * invalid option.
 *
 * @example
 * import { logoutWhenIdle } from 'latchkey/idle'
 * const stop = logoutWhenIdle(auth, { after: 15 * 60_000 })
 */
export function logoutWhenIdle(auth: Client, options: IdleOptions): () => void {
  const { after, warn = 0, onWarning, logout } = withoutPrototype(options)
  checkOption('after', after > 0 && Number.isFinite(after), 'more than 0 milliseconds', after)
  checkOption('warn', warn >= 0 && warn < after, '0 milliseconds or more, and less than "after"', warn)
  checkOption('onWarning', !warn || onWarning, 'a function, because "warn" is set')
  const stopping = new AbortController()
  const { signal } = stopping
  if (typeof document === 'undefined') return () => {}
  const host = findHost(auth)

  /** When the user was last active, as far as this tab knows; undefined while nobody is logged in. */
  let last: number | undefined
  /** Whose session this is; undefined if nobody is logged in. */
  let owner: string | undefined
  let isWarned = false
  // An error in the app must not stop the clock.
  const warnings = createEmitter<IdleWarning | undefined>()
  if (onWarning) warnings.subscribe(onWarning)

  const record = () => {
    last = Date.now()
    storeActivity(last)
  }
  const endWarning = () => {
    if (!isWarned) return
    isWarned = false
    warnings.emit(undefined)
  }
  const expire = () => {
    last = undefined
    logOutOnce(auth, host, logout)
    endWarning()
  }

  const run = watchTime(() => {
    if (last === undefined) return undefined
    const now = Date.now()
    const stored = readActivity()
    last = Math.min(Math.max(last, stored), now)
    // A clock that was set back must not keep the session alive.
    if (stored > now) storeActivity(now)
    const end = last + after
    if (now >= end) return void expire()
    if (now < end - warn) {
      endWarning()
      return end - warn
    }
    isWarned = true
    const secondsLeft = Math.ceil((end - now) / 1000)
    warnings.emit({ secondsLeft, stay })
    return end - (secondsLeft - 1) * 1000
  }, signal)

  const stay = () => {
    if (last === undefined) return
    record()
    run()
  }
  const onActivity = () => {
    if (last === undefined || Math.abs(Date.now() - last) < recordInterval) return
    // This runs first, because the time may have run out while the device slept.
    run()
    if (last !== undefined && !isWarned) record()
  }
  const follow = () => {
    // Not the state of the event: a listener that was called before may have changed it.
    const state = auth.getState()
    if (state.status === 'loading') return
    const name = state.status === 'logged-in' ? `user ${state.user?.sub}` : undefined
    if (name !== owner) {
      owner = name
      last = undefined
      // The time of other tabs stays: nobody may have logged out, if the store is slow or the session is that of another client.
      if (state.status === 'logged-out') endWarning()
      else if (readActivity()) last = getLoginTime(host, state.user)
      else record()
    }
    run()
  }

  for (const type of activities)
    addEventListener(
      type,
      (event) => event.isTrusted && onActivity(),
      withoutPrototype({ capture: true, passive: true, signal }),
    )
  onWake(signal, onActivity)
  const unsubscribe = auth.subscribe(follow)
  follow()
  return () => {
    unsubscribe()
    stopping.abort()
    endWarning()
  }
}

/** Gets what a client offers its add-ons. A test client has nothing to offer. */
function findHost(auth: Client): AddOnHost | undefined {
  try {
    return getAddOn(auth, getHost)
  } catch {
    return undefined
  }
}

function getHost(host: AddOnHost): AddOnHost {
  return host
}

/** When the user logged in, by the clock of this device: the one of the server can be wrong, and a renewal is not a login. */
function getLoginTime(host: AddOnHost | undefined, user: Claims | null): number {
  const at = host?.session.getView().session?.loggedInAt
  return isTime(at) ? at : Number(user?.iat) * 1000 || Date.now()
}
