/** Leaves out what is undefined: an option that is given so must not beat its default, and a state has no empty fields. */
export function withoutUndefined<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter((entry) => entry[1] !== undefined)) as T
}
