import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Gets the key that is stored under a name. If there is none, stores `own` or a new one; the first tab to do so wins. If the store
 * fails, that key is used nevertheless. A value that is not a key counts as absent: a store that was copied as JSON contains an empty
 * object instead.
 */
export async function getStoredKey<Key extends CryptoKey | CryptoKeyPair>(
  store: Store,
  name: string,
  make: () => Promise<Key>,
  own?: Key,
): Promise<Key> {
  const read = (record: StoreRecord | undefined) => {
    const key = record?.sealed as Partial<CryptoKeyPair> | undefined
    return (key?.privateKey ?? key) instanceof CryptoKey && (key as Key)
  }
  try {
    const stored = read(await store.get(name))
    if (stored) return stored
    const candidate = (own ??= await make())
    let key = candidate
    await store.update(name, (old) => {
      key = read(old) || candidate
      return { v: 1, generation: 0, sealed: key }
    })
    return key
  } catch {
    return own ?? make()
  }
}
