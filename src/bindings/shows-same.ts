import type { State } from '../api/state.js'

/** A state with all that any state can have. */
export type Shown = Pick<State, 'status'> &
  Partial<Omit<Extract<State, { status: 'logged-in' }> & Extract<State, { status: 'logged-out' }>, 'status'>>

/** Claims that every ID token has anew, whoever it is about; `uti`, `aio` and `rh` are those of Microsoft Entra ID. */
const ofTheToken = /^(iat|exp|nbf|jti|nonce|uti|aio|rh|[acs]_hash)$/

/** Tells whether two states show the same, though a renewal may have brought another ID token. */
export function showsSame(one: State, other: State): boolean {
  const { user, ...rest } = one as Shown
  const { user: otherUser, ...otherRest } = other as Shown
  const keys = Object.keys({ ...rest, ...otherRest }) as (keyof typeof rest)[]
  // What has such a name inside of another claim is the app's own.
  const describe = (claims: Shown['user']) =>
    JSON.stringify(claims && Object.entries(claims).filter(([name]) => !ofTheToken.test(name)))
  return (
    keys.every((key) => rest[key] === otherRest[key]) &&
    (user === otherUser || describe(user) === describe(otherUser))
  )
}
