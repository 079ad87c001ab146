import { createPublicKey, createSign } from 'node:crypto'

/** Builds an X.509 certificate of a key that vouches for itself, in the base64 of its DER; Node.js can only read them. */
export function buildSelfSignedCertificate(key: { privateKey: string; publicKey: string }): string {
  const sequence = (...parts: Buffer[]) => encode(0x30, ...parts)
  const sha256WithRsa = sequence(encode(0x06, Buffer.from('2a864886f70d01010b', 'hex')), encode(0x05))
  const nobody = sequence()
  const validity = sequence(...['000101000000Z', '490101000000Z'].map((at) => encode(0x17, Buffer.from(at))))
  const publicKey = createPublicKey(key.publicKey).export({ type: 'spki', format: 'der' })
  const serial = encode(0x02, Buffer.from([1]))
  const content = sequence(serial, sha256WithRsa, nobody, validity, nobody, publicKey)
  const signature = createSign('sha256').update(content).sign(key.privateKey)
  return sequence(content, sha256WithRsa, encode(0x03, Buffer.from([0]), signature)).toString('base64')
}

function encode(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  return Buffer.from([tag, ...(length < 128 ? [length] : [0x82, length >> 8, length & 255]), ...content])
}
