import { isDeepStrictEqual } from 'node:util'
import type { AccessToken, KoaContextWithOIDC } from 'oidc-provider'
import type { AuthorizationServerOptions } from './options.js'
import { errors } from './provider-class.js'

type Detail = Record<string, unknown> & { type: string }

/** Builds the configuration for authorization details (RFC 9396): a token gets all those that the user consented to, or a subset. */
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
        throw new errors.InvalidAuthorizationDetails('requested details are not among the granted ones')
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
