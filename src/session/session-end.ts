import { isTime } from '../base/is-time.js'
import type { SessionView } from '../vault/vault.js'

/**
 * Finds the earliest end of a session that the server has announced, in milliseconds since 1970: in a token response, or in the claim
 * `session_expiry` of the ID token (IPSIE). Values that are not a time are ignored.
 */
export function findSessionEnd({
  ends,
  user,
}: Pick<NonNullable<SessionView['session']>, 'ends' | 'user'>): number | undefined {
  const announced: unknown[] = [...Object.values(Object(ends)), (user?.['session_expiry'] as number) * 1000]
  const end = Math.min(...announced.filter(isTime).filter((one) => one > 0))
  return isTime(end) ? end : undefined
}
