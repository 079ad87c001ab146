import { buildAlgorithm, type Encrypted } from './decrypt.js'

/**
 * Encrypts a text with a new key. The key is stored beside the text that it decrypts, in the same write, so that neither ever
 * exists without the other.
 */
export async function encrypt(name: string, text: string): Promise<Encrypted> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt(buildAlgorithm(name, iv), key, new TextEncoder().encode(text))
  return { key, iv, data }
}
