/**
 * Tells whether a value of another tab or of a store is a time in milliseconds since 1970 (ECMAScript section 21.4.1.1). With a later one,
 * no logout or generation could follow.
 */
export function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= 8.64e15
}
