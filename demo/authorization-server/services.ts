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

/** Tells whether a name is that of a service: no user may have it, or could be taken for the service when it acts. */
export function isService(
  { services = {} }: Pick<AuthorizationServerOptions, 'services'>,
  name: string,
): boolean {
  return Object.hasOwn(services, name)
}

/** Narrows what a resource knows to what a service may ask for in its own name; an app asks its user. */
export function narrowToService(
  options: Pick<AuthorizationServerOptions, 'services'>,
  clientId: string,
  known: string,
): string {
  if (!isService(options, clientId)) return known
  const allowed = options.services![clientId]!.scope.split(' ')
  return known
    .split(' ')
    .filter((scope) => allowed.includes(scope))
    .join(' ')
}
