/** One record of a store. A store treats it as opaque. */
export interface StoreRecord {
  /** The format version of `sealed`. */
  v: number
  /** Increases with every change. A writer only replaces the generation it has read. */
  generation: number
  /** The content: encrypted bytes if the store has `sealed` set, plain data otherwise. */
  sealed: unknown
}

/**
 * Where the session is stored. Implement it to use a storage of your own.
 *
 * A failed call is tried once more. If the store fails again, or does not respond within 2.4 s, memory takes over until it works:
 * the client tries again at its next call, or as soon as the store responds.
 */
export interface Store {
  /** Returns a record, or undefined if there is none. */
  get(key: string): Promise<StoreRecord | undefined>
  /** Replaces a record with what `change` returns for it, in one transaction. `undefined` leaves the record as it is. */
  update(key: string, change: (old: StoreRecord | undefined) => StoreRecord | undefined): Promise<void>
  /** Removes all records. Called at a logout that can neither write nor remove its record. Apps can call it too. */
  clear(): Promise<void>
  /** Removes one record. Used at a logout that cannot be written, because removing needs no space. Without it, `clear` is called. */
  remove?(key: string): Promise<void>
  /** Closes what the store holds open. A later call opens it again. */
  close?(): void
  /** Registers a callback for records that were removed by something other than the client. They are then read again. */
  watch?(onLoss: () => void): void
  /** Whether all tabs of the origin see the same records. Only then do they share one refresh token. */
  readonly shared: boolean
  /** Whether records can hold a `CryptoKey`. The client then encrypts them with one. */
  readonly sealed: boolean
}
