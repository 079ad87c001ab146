// @ts-expect-error The library exports it for this case, without a type. Without it, no ID token would be accepted.
import { _expectedIssuer } from 'oauth4webapi'
import type { AuthorizationServer, IDToken, JWKS } from 'oauth4webapi'
import { withoutPrototype } from '../base/without-prototype.js'
import { refuse } from './refuse.js'
import { isTenantId, tenantMark } from './tenant-id.js'

/** The tenants whose users may log in: IDs, or `any`. Undefined at a server with one issuer. */
export type Tenants = string[] | 'any' | undefined

/** Builds the issuer of the tenant that an ID token names (`tid`). Throws `invalid_id_token` if its users may not log in. */
function buildIssuer(template: string, tenants: Tenants, { tid }: { [claim: string]: unknown }): string {
  if (isTenantId(tid) && (tenants === 'any' || tenants!.includes(tid)))
    return template.replace(tenantMark, tid)
  throw refuse('invalid_id_token', 'tid', `"tenants" does not allow the tenant ("tid") ${tid}`)
}

/** Makes the library compare the issuer of an ID token with that of its tenant, if the server has an issuer for each. */
export function withTenants(as: AuthorizationServer, tenants: Tenants): AuthorizationServer {
  if (!tenants) return as
  const find = ({ claims }: { claims: IDToken }) => buildIssuer(as.issuer, tenants, claims)
  return withoutPrototype({ ...as, [_expectedIssuer as symbol]: find })
}

/** Selects the keys that may sign an ID token: Entra ID also lists those of other issuers, with an `issuer` in each. */
export function selectKeys({ keys }: JWKS, as: AuthorizationServer, tenants: Tenants, claims: IDToken): JWKS {
  const isOurs = ({ issuer = as.issuer }: { issuer?: unknown }) =>
    buildIssuer(`${issuer}`, tenants, claims) === claims.iss
  return { keys: keys.filter((key) => isOurs(key as object)) }
}
