import type { AuthorizationServerOptions } from './options.js'

/** Tells whether a token is for the API that a client is; a client that is no API is no token's audience. */
export function isFor(
  { services = {}, resources = {} }: Pick<AuthorizationServerOptions, 'services' | 'resources'>,
  clientId: string,
  audience: string | string[] | undefined,
): boolean {
  const resource = Object.hasOwn(services, clientId) ? services[clientId]!.resource : undefined
  if (!resource) return false
  return [audience].flat().includes(resources[resource]?.audience ?? resource)
}

/** Gets what a service may ask for in its own name, at whatever resource; nothing for an app, which asks its user. */
export function getOwnScope(
  { services = {} }: Pick<AuthorizationServerOptions, 'services'>,
  clientId: string,
): { scope?: string } {
  return Object.hasOwn(services, clientId) ? { scope: services[clientId]!.scope } : {}
}
