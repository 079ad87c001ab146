import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { toPublicKey } from '../../demo/services/client-authentication.js'
import { keysPort, keysUrl } from './addresses.js'
import { cacheFolder } from './cache-folder.js'

/** A party that signs: a service its assertions, the partner's identity provider its JWTs. */
export type KeyOwner = Parameters<typeof keysUrl>[0]

/**
 * Reads the private key of a party, or makes it. It stays the same from run to run: servers keep the public half that they have
 * fetched, and ask again only after a while.
 */
export function readKey(party: KeyOwner): JsonWebKey {
  const file = join(cacheFolder(), `${party}.jwk`)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JsonWebKey
  } catch {
    const key = createKey(party)
    writeFileSync(file, JSON.stringify(key), { mode: 0o600 })
    return key
  }
}

/** Publishes the public keys where the servers fetch them. Returns what ends it. */
export async function publishKeys(): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const party = (['orders-service', 'partner'] as const).find(
      (one) => keysUrl(one) === `http://localhost:${keysPort}${request.url}`,
    )
    response.writeHead(party ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(party ? { keys: [toPublicKey(readKey(party))] } : {}))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(keysPort, 'localhost', resolve)
  })
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}

/** Makes a key with the ID that the party's key has. */
export function createKey(party: KeyOwner): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: `${party}-1`, alg: 'ES256', use: 'sig' }
}
