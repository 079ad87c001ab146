import { randomBytes } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { buildAuthorizationDetails } from './authorization-details.js'
import { frontChannelMetadata } from './front-channel-logout.js'
import { findGrant, grantEverything } from './grants.js'
import type { Memory } from './memory-adapter.js'
import type { AuthorizationServerOptions } from './options.js'
import { errorPage, logoutPage, signedOutPage } from './pages.js'
import { describeResourceServer } from './resource-servers.js'
import { buildPolicy, secondFactor } from './second-factor.js'
import { isFor, narrowToService } from './services.js'
import { checkSessionPath } from './session-management.js'
import { getSigningKey } from './signing-key.js'
import { buildMayAct } from './token-exchange.js'

const days = 24 * 60 * 60
const read = (value: number | (() => number)) => (typeof value === 'function' ? value() : value)

/** Builds the configuration of oidc-provider. */
export function buildConfiguration(
  options: AuthorizationServerOptions,
  memory: Memory,
  issuer: string,
): Configuration {
  const { accessTokenTTL = 600, idTokenTTL = 600, refreshTokens = true } = options
  const { dpop = 'nonce', par = 'offered' } = options
  const { port } = new URL(issuer)
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const
  const policy = buildPolicy()
  // Otherwise the users of a native client are asked at each login.
  if (options.consent !== 'ask') policy.get('consent')!.checks.remove('native_client_prompt')

  return {
    adapter: memory.adapter,
    jwks: { keys: [getSigningKey()] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'may_act'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    discovery: {
      ...(options.sessionManagement && { check_session_iframe: issuer + checkSessionPath }),
      ...(options.frontChannelLogout && {
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
      }),
    },
    extraClientMetadata: { properties: [...frontChannelMetadata] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({
        sub,
        name: nameOf(sub),
        email: `${sub}@example.com`,
        email_verified: false,
        ...buildMayAct(options, sub),
      }),
    }),
    extraTokenClaims(ctx, token) {
      if (!('accountId' in token)) return undefined
      // An exchanged token carries its own `act` and `may_act` claims.
      if (token.extra) return token.extra
      const { AuthorizationCode, RefreshToken } = ctx.oidc.entities
      const { acr, authTime } = AuthorizationCode ?? RefreshToken ?? {}
      return {
        ...buildMayAct(options, token.accountId),
        // Tells APIs how and when the user logged in (RFC 9470 section 6.1).
        ...(acr && { acr }),
        ...(authTime && { auth_time: authTime }),
      }
    },

    // Cookies are shared across ports: without its own names, a second server on this host would overwrite the session.
    cookies: {
      keys: ['doorman'],
      names: {
        session: `_session_${port}`,
        interaction: `_interaction_${port}`,
        resume: `_interaction_resume_${port}`,
      },
      // By its header it is `None` and `Secure` (index.ts).
      long: options.httpPost ? { ...cookie, sameSite: 'none' } : cookie,
      short: cookie,
    },
    clientBasedCORS: (_ctx, origin) =>
      [...options.appOrigins, ...(options.nativeOrigins ?? [])].includes(origin),

    enableHttpPostMethods: options.httpPost ?? false,
    pkce: { required: () => true },
    issueRefreshToken: async () => refreshTokens,
    rotateRefreshToken: true,
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    loadExistingGrant: options.consent === 'ask' ? findGrant : grantEverything,
    ttl: {
      AccessToken: () => read(accessTokenTTL),
      AuthorizationCode: 60,
      ClientCredentials: () => read(accessTokenTTL),
      Grant: 14 * days,
      IdToken: () => read(idTokenTTL),
      Interaction: 60 * 60,
      RefreshToken: (ctx: KoaContextWithOIDC) =>
        ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? 14 * days,
      Session: 14 * days,
    },

    acrValues: [secondFactor],
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError(ctx, out) {
      ctx.type = 'html'
      ctx.body = errorPage({
        title: out.error,
        message: out.error_description ?? 'The server could not process the request',
      })
    },

    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      dPoP: {
        enabled: dpop !== 'off',
        // This also exposes `DPoP-Nonce` to pages (CORS).
        nonceSecret: randomBytes(32),
        requireNonce: () => dpop === 'nonce',
      },
      webMessageResponseMode: { enabled: options.webMessage ?? true, ack: 'individual-draft-01' },
      pushedAuthorizationRequests: {
        enabled: par !== 'off',
        requirePushedAuthorizationRequests: par === 'required',
      },
      ...buildAuthorizationDetails(options),
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        // Only the client of a token, and the API in its audience, may introspect it.
        allowedPolicy: async (_ctx, client, token) =>
          token.clientId === client.clientId ||
          isFor(options, client.clientId, 'aud' in token ? token.aud : undefined),
      },
      clientCredentials: { enabled: options.services !== undefined },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = options.logout === 'skip' ? submitAtOnce(form) : logoutPage({ form })
        },
        postLogoutSuccessSource(ctx) {
          ctx.body = signedOutPage()
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, _client, granted) => granted?.[0],
        useGrantedResource: async () => false,
        getResourceServerInfo: async (_ctx, resource, { clientId }) => {
          const server = describeResourceServer(options, resource, clientId)
          return { ...server, scope: narrowToService(options, clientId, server.scope) }
        },
      },
    },
  }
}

function nameOf(sub: string): string {
  return sub.charAt(0).toUpperCase() + sub.slice(1)
}

function submitAtOnce(form: string): string {
  const answered = form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>')
  return `<!doctype html><title>Sign out</title>${answered}<script>document.forms[0].submit()</script>`
}
