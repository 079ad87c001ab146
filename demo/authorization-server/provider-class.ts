import type { Provider as ProviderType } from 'oidc-provider'

// oidc-provider asks for Node.js 22 in a warning at import; everything that is used here works on Node.js 20.
const { warn } = console
console.warn = () => {}
const { Provider, errors, interactionPolicy } = await import('oidc-provider')
console.warn = warn

/** An authorization server of oidc-provider. */
export type Provider = ProviderType
export { Provider as ProviderClass, errors, interactionPolicy }
