import type { JWK, Provider } from 'oidc-provider'
import { get } from 'oidc-provider/lib/helpers/weak_cache.js'

/** Makes a key the only one that a provider signs with and publishes. */
export function replaceSigningKey(provider: Provider, key: JWK): void {
  const internals = get(provider)
  internals.keystore.clear()
  internals.keystore.add(key)
  const { d: _private, ...publicKey } = key
  internals.jwks = { keys: [publicKey] }
}
