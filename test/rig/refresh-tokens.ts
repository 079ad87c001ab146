import type { TestAuthorizationServer } from './authorization-server.js'

/** Lists the refresh tokens that the server gives out from now on, oldest first. */
export function collectRefreshTokens(as: TestAuthorizationServer): string[] {
  const collected: string[] = []
  as.provider.on('refresh_token.saved', ({ jti }) => {
    if (!collected.includes(jti)) collected.push(jti)
  })
  return collected
}

/** Tells whether the server still takes a refresh token. Uses it up: to be asked last. */
export async function isAlive(
  as: TestAuthorizationServer,
  refreshToken: string | undefined,
): Promise<boolean> {
  if (!refreshToken) throw new Error('there is no refresh token to try')
  const response = await fetch(`${as.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: as.clientId,
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    }),
  })
  return response.ok
}

/** Has the server accept a rotated refresh token again, as in a reuse grace period that does not end. */
export function acceptRotatedTokens(as: TestAuthorizationServer): void {
  as.provider.RefreshToken.prototype.consume = () => Promise.resolve()
}
