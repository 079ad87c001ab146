import type { AuthorizationServerOptions } from './options.js'

/** Checks whether a token's audience is the client's own API. A client without an API is never the audience. */
export function isFor(
  { services = {}, resources = {} }: Pick<AuthorizationServerOptions, 'services' | 'resources'>,
  clientId: string,
  audience: string | string[] | undefined,
): boolean {
  const resource = Object.hasOwn(services, clientId) ? services[clientId]!.resource : undefined
  if (!resource) return false
  return [audience].flat().includes(resources[resource]?.audience ?? resource)
}

/** Checks whether a name belongs to a service. No user may have it, or they could be mistaken for the service as an actor. */
export function isService(
  { services = {} }: Pick<AuthorizationServerOptions, 'services'>,
  name: string,
): boolean {
  return Object.hasOwn(services, name)
}

/** Narrows a resource's scope to what a service may request for itself. For an app, the user decides. */
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
