/** What an encrypted record holds: AES-GCM with a key and an IV of its own. The key cannot be exported. */
export interface Encrypted {
  key: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/**
 * Encrypts text with a key of its own. The key is stored beside what it decrypts, in one write, so that neither is ever there
 * without the other.
 */
export async function encrypt(name: string, text: string): Promise<Encrypted> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { key, iv, data: await crypto.subtle.encrypt(buildAlgorithm(name, iv), key, encode(text)) }
}

/** Decrypts it. Rejects where it was encrypted with another key, under another name, or changed. */
export async function decrypt(name: string, { key, iv, data }: Encrypted): Promise<string> {
  return new TextDecoder().decode(await crypto.subtle.decrypt(buildAlgorithm(name, iv), key, data))
}

function buildAlgorithm(name: string, iv: Encrypted['iv']): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: encode(name) }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
