import type { Provider } from 'oidc-provider'

/** Something that oidc-provider reported about a grant or an authorization. */
export interface ProviderEvent {
  name: 'grant.success' | 'grant.error' | 'authorization.success' | 'authorization.error' | 'server_error'
  /** For a grant: `authorization_code` or `refresh_token`. */
  grantType?: string
  /** The `error` that it sends. */
  error?: string
}

/** Writes a provider's events into a list, and the codes and tokens that it makes into a set. */
export function recordProviderEvents(
  provider: Provider,
  events: ProviderEvent[],
  secrets: Set<string>,
): void {
  const grantTypeOf = (ctx: { oidc: { params?: Record<string, unknown> | undefined } }) =>
    String(ctx.oidc.params?.['grant_type'] ?? '')

  provider.on('grant.success', (ctx) => events.push({ name: 'grant.success', grantType: grantTypeOf(ctx) }))
  provider.on('grant.error', (ctx, error) =>
    events.push({ name: 'grant.error', grantType: grantTypeOf(ctx), error: error.error }),
  )
  provider.on('authorization.success', () => events.push({ name: 'authorization.success' }))
  provider.on('authorization.error', (_ctx, error) =>
    events.push({ name: 'authorization.error', error: error.error }),
  )
  provider.on('server_error', (_ctx, error) => {
    events.push({ name: 'server_error', error: error.message })
    console.error(error)
  })
  provider.on('authorization_code.saved', ({ jti }) => secrets.add(jti))
  provider.on('refresh_token.saved', ({ jti }) => secrets.add(jti))
}
