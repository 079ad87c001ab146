/** What a sealed record holds: AES-GCM with a key and an IV of its own. The key cannot be exported. */
export interface Sealed {
  key: CryptoKey
  iv: Uint8Array<ArrayBuffer>
  data: ArrayBuffer
}

/**
 * Makes text unreadable without the key that lies beside it. Each record has its own: it is written with what it opens, in one
 * go, so that neither is ever there without the other.
 */
export async function seal(name: string, text: string): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { key, iv, data: await crypto.subtle.encrypt(buildAlgorithm(name, iv), key, encode(text)) }
}

/** Makes it readable again. Rejects when it was sealed with another key, under another name, or changed. */
export async function unseal(name: string, { key, iv, data }: Sealed): Promise<string> {
  return new TextDecoder().decode(await crypto.subtle.decrypt(buildAlgorithm(name, iv), key, data))
}

function buildAlgorithm(name: string, iv: Sealed['iv']): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: encode(name) }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
