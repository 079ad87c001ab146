/** Leaves out what is undefined: an option that is given so must not beat its default. */
export function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter((entry) => entry[1] !== undefined)) as T
}
