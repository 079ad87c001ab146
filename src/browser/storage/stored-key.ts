import type { Store, StoreRecord } from '../../api/store.js'

/**
 * Gets the key that a store keeps under a name, or makes it: the first of all tabs does, and its key stays. What is no key
 * counts as absent: in a store that was copied through JSON an empty object stands in its place.
 */
export async function getKeptKey<Key extends CryptoKey | CryptoKeyPair>(
  store: Store,
  name: string,
  make: () => Promise<Key>,
): Promise<Key> {
  const read = (record: StoreRecord | undefined) => {
    const key = record?.sealed as Partial<CryptoKeyPair> | undefined
    return (key?.privateKey ?? key) instanceof CryptoKey && (key as Key)
  }
  let key = read(await store.get(name))
  if (!key) {
    const sealed = await make()
    await store.update(name, (old) => {
      key = read(old) || sealed
      return { v: 1, generation: 0, sealed: key }
    })
  }
  return key as Key
}
