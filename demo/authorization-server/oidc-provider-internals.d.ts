declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { KeyObject } from 'node:crypto'
  import type { JWK, Provider } from 'oidc-provider'

  /** What oidc-provider keeps for itself: token exchange signs and verifies with its keys, the tests replace them. */
  export function get(provider: Provider): {
    keystore: {
      add(key: JWK): void
      clear(): void
      selectForSign(wanted: { alg: string; use: 'sig' }): JWK[]
      getKeyObject(key: JWK): KeyObject
    }
    jwks: { keys: JWK[] }
  }
}
