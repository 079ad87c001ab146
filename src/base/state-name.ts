/** How the response of a login comes back. */
export type Way = 'popup' | 'iframe' | 'redirect'

const ways: readonly Way[] = ['popup', 'iframe', 'redirect']

/** The prefix of the channels and storage keys of a login. Its `state` follows. */
export const loginPrefix = 'latchkey:'

/** Builds the `state` of a login. Its first letter tells the callback page how to relay the response: a hint, not a proof. */
export function buildState(way: Way, random: string): string {
  return `${way[0]}.${random}`
}

/** Reads how the response comes back; undefined if the `state` is not one of ours. */
export function readWay(state: string): Way | undefined {
  return ways.find((way) => state.startsWith(buildState(way, '')))
}
