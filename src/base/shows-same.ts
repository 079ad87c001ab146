import type { Claims, State } from './types.js'

/** A state with all that any state can have. */
export type Shown = Pick<State, 'status'> &
  Partial<Omit<Extract<State, { status: 'logged-in' }> & Extract<State, { status: 'logged-out' }>, 'status'>>

/** Claims that every ID token has anew, whoever it is about. */
const ofTheToken = /^(iat|exp|nbf|jti|nonce|[acs]_hash)$/

/** Tells whether two states show the same, though a renewal may have brought another ID token. */
export function showsSame(one: State, other: State): boolean {
  const { user, ...rest } = one as Shown
  const { user: otherUser, ...otherRest } = other as Shown
  const keys = Object.keys({ ...rest, ...otherRest }) as (keyof typeof rest)[]
  return (
    keys.every((key) => rest[key] === otherRest[key]) &&
    (user === otherUser || describeUser(user) === describeUser(otherUser))
  )
}

/** Describes who is logged in, and how: the same text for each ID token that says the same. */
export function describeUser(user: Claims | null | undefined): string | undefined {
  return JSON.stringify(user, (key, value: unknown) => (ofTheToken.test(key) ? undefined : value))
}
