/** Tells whether a parsed JSON value has more levels than anything that is meant: what copies or stores it would overflow. */
export function isDeep(value: unknown, levels = 100): boolean {
  if (Object(value) !== value) return false
  return !levels || Object.values(value as object).some((one) => isDeep(one, levels - 1))
}
