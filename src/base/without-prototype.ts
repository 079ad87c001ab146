/**
 * Copies an object without its prototype: a missing property must not be read from `Object.prototype`, where a vulnerable script of the
 * page may have put one (prototype pollution). Browsers read the options of their own calls in the same way.
 */
export function withoutPrototype<T extends object>(value: T): T {
  return Object.assign(Object.create(null), value)
}
