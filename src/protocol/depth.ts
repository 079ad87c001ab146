/** Tells whether a parsed JSON value is nested so deeply that copying or storing it could overflow the stack. */
export function isDeep(value: unknown, levels = 100): boolean {
  if (Object(value) !== value) return false
  return !levels || Object.values(value as object).some((one) => isDeep(one, levels - 1))
}
