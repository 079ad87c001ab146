import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { validateProof } from '../../demo/services/proof.js'

const { publicKey, privateKey } = await generateKeyPair('ES256')
const jwk = await exportJWK(publicKey)
const other = await generateKeyPair('ES256')
const token = 'an-opaque-token'
const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
const target = {
  method: 'GET',
  url: 'https://payments.example.com/bills',
  token,
  jkt: await calculateJwkThumbprint(jwk),
}
const now = Math.floor(Date.now() / 1000)
const claims = { jti: 'one', htm: 'GET', htu: target.url, ath: hash(token), iat: now }

const sign = (changes: Record<string, unknown> = {}, header: object = {}, key = privateKey) =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
    .sign(key)

describe('the proof of a request', () => {
  test('is accepted for the request, the token and its key', async () => {
    expect(await validateProof(await sign(), target)).toBe(true)
  })

  test.each<[string, () => Promise<string>]>([
    ['another method', () => sign({ htm: 'POST' })],
    ['another URL', () => sign({ htu: 'https://payments.example.com/other' })],
    ['another token', () => sign({ ath: hash('another-token') })],
    ['no token', () => sign({ ath: undefined })],
    ['no identifier', () => sign({ jti: undefined })],
    ['no time', () => sign({ iat: undefined })],
    ['a time long ago', () => sign({ iat: now - 600 })],
    ['a time to come', () => sign({ iat: now + 600 })],
    ['another type of JWT', () => sign({}, { typ: 'JWT' })],
    ['no key', () => sign({}, { jwk: undefined })],
    ['a key that did not sign it', () => sign({}, {}, other.privateKey)],
    ['a key that the token is not bound to', async () => sign({}, { jwk: await exportJWK(other.publicKey) }, other.privateKey)], // prettier-ignore
    ['nothing that is a JWT', async () => 'none'],
  ])('is rejected with %s', async (_name, forge) => {
    expect(await validateProof(await forge(), target)).toBe(false)
  })
})
