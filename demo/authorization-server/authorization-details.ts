import { isDeepStrictEqual } from 'node:util'
import type { AccessToken, KoaContextWithOIDC } from 'oidc-provider'
import type { AuthorizationServerOptions } from './options.js'
import { errors } from './provider-class.js'

type Detail = Record<string, unknown> & { type: string }

/** Builds the part of the configuration for authorization details (RFC 9396): all that the user consented to, or some of it. */
export function buildAuthorizationDetails({
  authorizationDetailsTypes: types = [],
}: AuthorizationServerOptions): object {
  if (!types.length) return {}
  return {
    richAuthorizationRequests: {
      enabled: true,
      types: Object.fromEntries(types.map((type) => [type, { validate }])),
      authorizationDetailsForGrantSource: (ctx: KoaContextWithOIDC) => asked(ctx),
      authorizationDetailsForAccessToken(
        ctx: KoaContextWithOIDC,
        _token: AccessToken,
        source?: { rar?: Detail[] },
      ) {
        const granted = source?.rar ?? []
        const wanted = asked(ctx) ?? granted
        // Never more than the grant has (RFC 9396 section 6.1).
        if (wanted.every((one) => granted.some((other) => isDeepStrictEqual(one, other)))) return wanted
        throw new errors.InvalidAuthorizationDetails('not among those that were granted')
      },
      authorizationDetailsForIntrospection: (_ctx: KoaContextWithOIDC, token: { rar?: Detail[] }) =>
        token.rar,
    },
  }
}

function asked(ctx: KoaContextWithOIDC): Detail[] | undefined {
  const text = ctx.oidc.params?.['authorization_details']
  return typeof text === 'string' ? (JSON.parse(text) as Detail[]) : undefined
}

function validate(_ctx: KoaContextWithOIDC, { actions = [] }: { actions?: unknown }): void {
  if (!Array.isArray(actions)) throw new errors.InvalidAuthorizationDetails('"actions" must be an array')
}
