/** How the response of a login comes back. */
export type Way = 'popup' | 'iframe' | 'redirect'

const ways: readonly Way[] = ['popup', 'iframe', 'redirect']

/** What the channels and storage keys of a login begin with; its `state` follows. */
export const loginPrefix = 'latchkey:'

/** Builds the `state` of a login. Its first letter says its way: a hint for the page that the response comes back to, and no proof. */
export function buildState(way: Way, random: string): string {
  return `${way[0]}.${random}`
}

/** Reads which way the response travels; undefined where the `state` is not one of ours. */
export function readWay(state: string): Way | undefined {
  return ways.find((way) => state.startsWith(buildState(way, '')))
}
