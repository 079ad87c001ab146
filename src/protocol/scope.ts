import { checkOption, scopeText } from '../base/check-option.js'

/** Tells whether a scope requests an ID token (OpenID Connect Core section 3.1.2.1). Throws a `TypeError` unless it is a string. */
export function isOpenId(scope: string): boolean {
  checkOption('scope', typeof scope === 'string', scopeText, scope)
  return scope.split(' ').includes('openid')
}
