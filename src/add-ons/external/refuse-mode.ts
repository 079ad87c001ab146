import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'

/** Throws, because no window of this page receives the response: a `TypeError` about the option, or `no_window` for a login in a worker. */
export function refuseMode(mode: string, option: string): void {
  if (option === 'mode' && typeof document === 'undefined')
    throw new AuthError(
      'no_window',
      `mode "${mode}" needs a page, which a worker does not have: use mode "external"`,
    )
  checkOption(
    option,
    false,
    '"external": with this "redirectUri", no window of this page receives the response',
    mode,
  )
}
