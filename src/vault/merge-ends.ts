import { withoutPrototype } from '../base/without-prototype.js'

/**
 * The smallest move of an end, in milliseconds. Servers announce whole seconds from the arrival of the response, so the time of an end
 * that has not moved differs a little with each response.
 */
const smallestMove = 5000

/** Announced ends of a session, by the field, in milliseconds since 1970. */
type Ends = Record<string, number>

/** Adds the ends of a response to those of the session. One that has not moved keeps its value, and the state with it. */
export function mergeEnds(before: Ends | undefined, announced: Ends | undefined): Ends {
  const merged = withoutPrototype<Ends>({ ...before })
  for (const [name, end] of Object.entries({ ...announced }))
    if (!(Math.abs(end - merged[name]!) < smallestMove)) merged[name] = end
  return merged
}
