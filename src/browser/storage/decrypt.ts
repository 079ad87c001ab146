import { withoutPrototype } from '../../base/without-prototype.js'

/** An encrypted text: AES-GCM with its own key and IV. The key cannot be exported. */
export interface Encrypted {
  key: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/** Decrypts a text. Rejects if it was encrypted with another key or under another name, or was changed. */
export async function decrypt(name: string, { key, iv, data }: Encrypted): Promise<string> {
  return new TextDecoder().decode(await crypto.subtle.decrypt(buildAlgorithm(name, iv), key, data))
}

/** The parameters of both directions. The name is authenticated: no record can be moved to another one. */
export function buildAlgorithm(name: string, iv: Encrypted['iv']): AesGcmParams {
  return withoutPrototype({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) })
}
