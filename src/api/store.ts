/** One record of a store. What it holds is not the store's business. */
export interface StoreRecord {
  /** The version of the shape of `sealed`. */
  v: number
  /** Grows with each change; a writer commits only over the generation that it has read. */
  generation: number
  /** What is kept: sealed bytes where the store seals, plain data elsewhere. */
  sealed: unknown
}

/**
 * A place for records: a port with three functions, so that anybody can write another one.
 *
 * A store that throws or does not answer within 1.2 s is tried once more and then replaced by memory.
 */
export interface Store {
  /** Gets a record. */
  get(key: string): Promise<StoreRecord | undefined>
  /** Replaces a record by what the function makes of it, in one transaction; `undefined` keeps it as it is. */
  update(key: string, change: (old: StoreRecord | undefined) => StoreRecord | undefined): Promise<void>
  /** Removes all records; for apps, latchkey itself does not call it. */
  clear(): Promise<void>
  /** Lets go of what the store holds open; a later call opens it again. */
  close?(): void
  /** Whether all tabs of the origin see the same records; only then do they share one refresh token. */
  readonly shared: boolean
  /** Whether records may hold a `CryptoKey`; they are sealed with one then. */
  readonly sealed: boolean
}
