import type { Store } from '../base/types.js'

/** Gets the key that a store keeps under a name, or makes it: the first of all tabs does, and its key stays. */
export async function getKeptKey<Key>(store: Store, name: string, make: () => Promise<Key>): Promise<Key> {
  let record = await store.get(name)
  if (!record) {
    const made = { v: 1, generation: 0, sealed: await make() }
    await store.update(name, (old) => (record = old ?? made))
  }
  return record!.sealed as Key
}
