/** Removes properties that are undefined, so that they do not override defaults. */
export function withoutUndefined<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter((entry) => entry[1] !== undefined)) as T
}
