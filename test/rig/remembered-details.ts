import { get } from 'oidc-provider/lib/helpers/weak_cache.js'
import type { TestAuthorizationServer } from './authorization-server.js'

/** Has the server grant authorization details without a question from now on; oidc-provider asks each time, and no iframe can. */
export function rememberDetails({ provider }: TestAuthorizationServer): void {
  for (const { checks } of get(provider).configuration.interactions.policy) {
    const index = checks.findIndex(({ reason }) => reason === 'rar_prompt')
    if (index >= 0) checks.splice(index, 1)
  }
}
