declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { JWK, Provider } from 'oidc-provider'

  /** What oidc-provider keeps for itself; the tests replace its keys. */
  export function get(provider: Provider): {
    keystore: { add(key: JWK): void; clear(): void }
    jwks: { keys: JWK[] }
  }
}
