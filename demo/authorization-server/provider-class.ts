import type { Provider as ProviderType } from 'oidc-provider'

// oidc-provider warns at import that it needs Node.js 22; everything used here works on Node.js 20.
const { warn } = console
console.warn = () => {}
const { Provider, errors, interactionPolicy } = await import('oidc-provider')
console.warn = warn

/** An instance of oidc-provider. */
export type Provider = ProviderType
export { Provider as ProviderClass, errors, interactionPolicy }
