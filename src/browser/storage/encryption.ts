import { share } from '../../base/once.js'
import type { Store } from '../../api/store.js'
import { getKeptKey } from './stored-key.js'

/** What a sealed record holds: AES-GCM with a fresh IV for each. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

const keyRecord = 'key'

/** Makes text unreadable without the key that lies in the same store, and readable again. */
export interface Sealer {
  seal(name: string, text: string): Promise<Sealed>
  /** Rejects when the record was sealed with another key, under another name, or changed. */
  open(name: string, sealed: Sealed): Promise<string>
}

/** Creates a sealer over the one key of a store, which the first of all tabs makes. */
export function createSealer(store: Store): Sealer {
  const getKey = share(() =>
    getKeptKey(store, keyRecord, () =>
      crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
    ),
  )
  const encode = (text: string) => new TextEncoder().encode(text)
  const algorithm = (name: string, iv: Sealed['iv']) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encode(name),
  })
  return {
    async seal(name, text) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      return { iv, data: await crypto.subtle.encrypt(algorithm(name, iv), await getKey(), encode(text)) }
    },
    async open(name, { iv, data }) {
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm(name, iv), await getKey(), data))
    },
  }
}
