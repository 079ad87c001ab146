import type { State } from '../api/state.js'

/** A state with the fields of every state. */
export type Shown = Pick<State, 'status'> &
  Partial<Omit<Extract<State, { status: 'logged-in' }> & Extract<State, { status: 'logged-out' }>, 'status'>>

/** Claims that differ in every ID token, even for the same user; `uti`, `aio` and `rh` are from Microsoft Entra ID. */
const ofTheToken = /^(iat|exp|nbf|jti|nonce|uti|aio|rh|[acs]_hash)$/

/** Checks whether two states render the same, even if a renewal brought a new ID token. */
export function showsSame(one: State, other: State): boolean {
  const { user, ...rest } = one as Shown
  const { user: otherUser, ...otherRest } = other as Shown
  const keys = Object.keys({ ...rest, ...otherRest }) as (keyof typeof rest)[]
  // Only top-level claims are ignored: a nested field of the same name belongs to the app.
  const describe = (claims: Shown['user']) =>
    JSON.stringify(claims && Object.entries(claims).filter(([name]) => !ofTheToken.test(name)))
  return (
    keys.every((key) => rest[key] === otherRest[key]) &&
    (user === otherUser || describe(user) === describe(otherUser))
  )
}
