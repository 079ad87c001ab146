import { checkOption, scopeText } from '../base/check-option.js'

/** Tells whether a scope asks for an ID token (OpenID Connect Core section 3.1.2.1). Throws a `TypeError` for what is none. */
export function isOpenId(scope: string): boolean {
  checkOption('scope', typeof scope === 'string', scopeText, scope)
  return scope.split(' ').includes('openid')
}
