import type { ResourceServer } from 'oidc-provider'
import type { AuthorizationServerOptions } from './options.js'
import { errors } from './provider-class.js'

/** Describes a resource server to oidc-provider; an unknown one is `invalid_target` (RFC 8707 section 2). */
export function describeResourceServer(
  { resources = {} }: Pick<AuthorizationServerOptions, 'resources'>,
  resource: string,
): ResourceServer & { audience: string } {
  const server = resources[resource]
  if (!server) throw new errors.InvalidTarget()
  return {
    scope: server.scope,
    audience: server.audience ?? resource,
    accessTokenFormat: server.format ?? 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
}
