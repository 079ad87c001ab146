import type { ResourceServer } from 'oidc-provider'
import type { AuthorizationServerOptions } from './options.js'
import { errors } from './provider-class.js'
import { isService } from './services.js'

/** Describes a resource server to oidc-provider; throws `invalid_target` if the client may not use it (RFC 8707 section 2). */
export function describeResourceServer(
  options: Pick<AuthorizationServerOptions, 'resources' | 'services'>,
  resource: string,
  clientId: string,
): ResourceServer & { audience: string } {
  const { resources = {} } = options
  const server = Object.hasOwn(resources, resource) ? resources[resource] : undefined
  if (!server || (server.internal && !isService(options, clientId))) throw new errors.InvalidTarget()
  return {
    scope: server.scope,
    audience: server.audience ?? resource,
    accessTokenFormat: server.format ?? 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
}
