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
 * A call that fails is tried once more. What a store then does not take, or does not answer within 2.4 s, is kept in memory until
 * it does: it is tried again at the next call, or when it answers late.
 */
export interface Store {
  /** Gets a record. */
  get(key: string): Promise<StoreRecord | undefined>
  /** Replaces a record by what the function makes of it, in one transaction; `undefined` keeps it as it is. */
  update(key: string, change: (old: StoreRecord | undefined) => StoreRecord | undefined): Promise<void>
  /** Removes all records. Called at a logout that can neither be written nor remove its own record, and for apps. */
  clear(): Promise<void>
  /** Removes a record, at a logout that cannot be written: that needs no space. Without it `clear` is called. */
  remove?(key: string): Promise<void>
  /** Lets go of what the store holds open; a later call opens it again. */
  close?(): void
  /** Calls back when somebody else has removed the records: they are read again then. */
  watch?(onLoss: () => void): void
  /** Whether all tabs of the origin see the same records; only then do they share one refresh token. */
  readonly shared: boolean
  /** Whether records may hold a `CryptoKey`; they are sealed with one then. */
  readonly sealed: boolean
}
