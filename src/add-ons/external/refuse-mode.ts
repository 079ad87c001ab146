import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'

/** Throws because no window of this page gets the response: a `TypeError` about the option, or `no_window` for a login in a worker. */
export function refuseMode(mode: string, option: string): void {
  if (option === 'mode' && typeof document === 'undefined')
    throw new AuthError(
      'no_window',
      `there is no page in a worker, which mode "${mode}" needs: use mode "external"`,
    )
  checkOption(
    option,
    false,
    '"external": with this "redirectUri", no window of this page gets the response',
    mode,
  )
}
