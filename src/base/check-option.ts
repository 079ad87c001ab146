/** Throws a `TypeError` that names the option, unless it is valid. Prints the value if it is passed: never pass a token. */
export function checkOption(option: string, isValid: unknown, expected: string, ...values: unknown[]): void {
  if (isValid) return
  const got = values.length ? `, got ${JSON.stringify(values[0])}` : ''
  throw new TypeError(`"${option}" must be ${expected}${got}`)
}

/** Throws a `TypeError` for a value that is neither a string nor undefined. */
export function checkText(option: string, value: unknown, expected = 'a string'): void {
  checkOption(option, value === undefined || typeof value === 'string', expected, value)
}

/** What a scope must be, for error messages. */
export const scopeText = 'a string, space-separated'
