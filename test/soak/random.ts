/** Returns numbers from 0 up to, but not including, 1. */
export type Random = () => number

/** Creates the numbers of a seed: the same ones for the same parts. */
export function createRandom(...parts: (string | number)[]): Random {
  let state = hash(parts.join('\n'))
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Picks one of the values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!
}

/** Picks a whole number from `min` to `max`, both included. */
export function pickNumber(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1))
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193)
  return value
}
