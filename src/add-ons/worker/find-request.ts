import { refuse } from '../../protocol/refuse.js'
import type { GrantParameters, GrantRequest } from '../../vault/vault.js'
import { exchangeGrantType, requestExchange } from '../exchange/token-exchange.js'
import { requestUserInfo } from '../userinfo/userinfo-request.js'

/**
 * Finds the request of an add-on by its parameters. Everything else is refused: a script in the page could otherwise have any request
 * made with the refresh token.
 */
export function findRequest(parameters: GrantParameters): GrantRequest<any> {
  const [grantType, ...more] = parameters.filter(([name]) => name === 'grant_type').map(([, value]) => value)
  if (grantType === undefined) return requestUserInfo
  if (grantType === exchangeGrantType && !more.length) return requestExchange
  throw refuse('unsupported_grant_type', 'grant_type')
}
