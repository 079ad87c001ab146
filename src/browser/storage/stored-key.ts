import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Gets the key that a store keeps under a name: the first of all tabs makes it, and its key stays. Where none is stored `own` is,
 * or a new one; where the store fails that one is used all the same. What is not a key counts as absent: in a store that was
 * copied through JSON an empty object is in its place.
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
