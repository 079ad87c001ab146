/**
 * Copies an object without its prototype, so that a missing property is not read from `Object.prototype`, where a vulnerable script in
 * the page may have put one (prototype pollution). Browser APIs also read inherited properties of their options.
 */
export function withoutPrototype<T extends object>(value: T): T {
  return Object.assign(Object.create(null), value)
}
