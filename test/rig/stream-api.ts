import { createSecureServer, constants } from 'node:http2'
import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import { buildSelfSignedCertificate } from './self-signed-certificate.js'

/** An API over HTTP/2, the only way on which browsers send streams. */
export interface StreamApi {
  /** Its origin. The certificate is its own: a context needs `ignoreHTTPSErrors`. */
  url: string
  /** The bodies that it was sent. */
  bodies: string[]
  close: () => Promise<void>
}

/** Starts an API that wants the nonce `wanted` in DPoP proofs. */
export async function startStreamApi(): Promise<StreamApi> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const certificate = buildSelfSignedCertificate({ privateKey, publicKey })
  const cert = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`
  const server = createSecureServer({ key: privateKey, cert })
  const bodies: string[] = []
  server.on('request', async (request, response) => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
    response.setHeader('access-control-allow-headers', 'authorization, dpop')
    response.setHeader('access-control-expose-headers', 'WWW-Authenticate, DPoP-Nonce')
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    let body = ''
    for await (const chunk of request) body += String(chunk)
    bodies.push(body)
    const good = decodeJwt(String(request.headers['dpop']))['nonce'] === 'wanted'
    if (!good) response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
    response.setHeader('dpop-nonce', 'wanted')
    response.writeHead(good ? 200 : 401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sessions = new Set<{ destroy: (error?: undefined, code?: number) => void }>()
  server.on('session', (session) => void sessions.add(session))
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy(undefined, constants.NGHTTP2_NO_ERROR)
      }),
  }
}
