import type { LoginOptions } from '../api/login-options.js'

/** Reads the options of a call that an app may have made a handler of: an event, a framework's too, is none. */
export function ignoreEvent(asked: LoginOptions): LoginOptions {
  return (asked as Partial<Event>).preventDefault ? {} : asked
}
