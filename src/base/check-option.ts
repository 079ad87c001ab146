/** Throws a `TypeError` that names the option, unless it is good. What came is printed where it is given: never a token. */
export function checkOption(option: string, good: unknown, expected: string, ...came: unknown[]): void {
  const got = came.map((value) => `, got ${JSON.stringify(value)}`)
  if (!good) throw new TypeError(`"${option}" must be ${expected}${got}`)
}
