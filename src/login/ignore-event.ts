import type { LoginOptions } from '../api/login-options.js'

/** Returns no options for an event, in case the app uses `login` itself as an event handler. Events of frameworks count too. */
export function ignoreEvent(options: LoginOptions): LoginOptions {
  return (options as Partial<Event>).preventDefault ? {} : options
}
