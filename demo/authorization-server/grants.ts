import type { Grant, KoaContextWithOIDC, PromptDetail } from 'oidc-provider'

/** Finds or creates this session's grant, and adds everything the request asks for: no consent is needed. */
export async function grantEverything(ctx: KoaContextWithOIDC): Promise<Grant> {
  const { provider, session, client, params, resourceServers = {} } = ctx.oidc
  const clientId = client!.clientId
  const grant = (await findGrant(ctx)) ?? new provider.Grant({ accountId: session!.accountId!, clientId })
  if (ctx.oidc.requestParamOIDCScopes.size) grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '))
  if (ctx.oidc.requestParamClaims.size) grant.addOIDCClaims([...ctx.oidc.requestParamClaims])
  for (const [resource, server] of Object.entries(resourceServers)) {
    const asked = String(params?.scope ?? '').split(' ')
    const known = asked.filter((scope) => server.scope.split(' ').includes(scope))
    if (known.length) grant.addResourceScope(resource, known.join(' '))
  }
  await grant.save()
  return grant
}

/** Finds the grant that the user gave in this session. */
export async function findGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { provider, session, client, result } = ctx.oidc
  const given = result?.['consent'] as { grantId?: string } | undefined
  const id = given?.grantId ?? session?.grantIdFor(client!.clientId)
  return id ? provider.Grant.find(id) : undefined
}

/** Adds to a grant what the user approved on the consent page. */
export function addMissing(grant: Grant, { details }: PromptDetail): void {
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = details as {
    missingOIDCScope?: string[]
    missingOIDCClaims?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '))
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims)
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '))
  }
}
