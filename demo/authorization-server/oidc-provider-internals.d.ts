declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { KeyObject } from 'node:crypto'
  import type { JWK, Provider } from 'oidc-provider'

  /** Internals of oidc-provider. Token exchange signs and verifies with its keys; the tests replace its keys and its prompts. */
  export function get(provider: Provider): {
    keystore: {
      add(key: JWK): void
      clear(): void
      selectForSign(wanted: { alg: string; use: 'sig' }): JWK[]
      getKeyObject(key: JWK): KeyObject
    }
    jwks: { keys: JWK[] }
    configuration: { interactions: { policy: { checks: { reason: string }[] }[] } }
  }
}

declare module 'oidc-provider/lib/helpers/validate_dpop.js' {
  import type { Provider } from 'oidc-provider'

  interface Proof {
    thumbprint: string
  }

  /** Validates the DPoP proof of a request, if there is one; rejects with `use_dpop_nonce` if the nonce is missing. */
  export default function validateDpop(provider: Provider, ctx: object): Promise<Proof | undefined>
  export function checkDpopReplay(
    provider: Provider,
    ctx: object,
    proof: Proof | undefined,
    clientId: string,
  ): Promise<void>
}
