import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAuthorizationPath, rewriteAuthorizationResponse } from './authorization-response.js'
import { buildClient } from './clients.js'
import { buildConfiguration } from './configuration.js'
import { enableFrontChannelLogout } from './front-channel-logout.js'
import { handleInteractions } from './interactions.js'
import { enableJwtBearer } from './jwt-bearer.js'
import { createMemory } from './memory-adapter.js'
import type { AuthorizationServerOptions } from './options.js'
import { ProviderClass, type Provider } from './provider-class.js'
import { enableRevocableJwts } from './revocable-jwts.js'
import { enableSessionManagement } from './session-management.js'
import { enableTokenExchange } from './token-exchange.js'

export type { AuthorizationServerOptions, ResourceOptions } from './options.js'

/** An authorization server that runs in this process. */
export interface AuthorizationServer {
  /** Its issuer identifier. */
  issuer: string
  /** The origin of all its endpoints; equal to the issuer. */
  origin: string
  /** The provider itself, for events and middleware. */
  provider: Provider
  /** Deletes sessions, grants, codes and tokens. */
  forgetEverything: () => void
  /** Stops the server and closes all its connections. */
  close: () => Promise<void>
}

/** Starts an authorization server on the loopback interface that keeps all data in memory. */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const issuer = `http://${options.host ?? 'localhost'}:${port}`
  const memory = createMemory((id) => buildClient(options, id))
  const provider = new ProviderClass(issuer, buildConfiguration(options, memory, issuer))
  if (options.middleware) provider.use(options.middleware)
  if (options.sameSite === 'none') sendCookiesAcrossSites(provider)
  if (options.sendIss === false) withholdIss(provider)
  handleInteractions(provider, options)
  if (options.sessionManagement) enableSessionManagement(provider, port)
  if (options.frontChannelLogout) enableFrontChannelLogout(provider)
  if (Object.values(options.resources ?? {}).some(({ revocable }) => revocable))
    enableRevocableJwts(provider, options)
  if (options.tokenExchange) enableTokenExchange(provider, options)
  if (options.jwtIssuers) enableJwtBearer(provider, options)
  server.on('request', provider.callback())

  return {
    issuer,
    origin: issuer,
    provider,
    forgetEverything: memory.clear,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Sends cookies as `SameSite=None; Secure`. The cookie library refuses `Secure` over http; browsers accept it on localhost. */
function sendCookiesAcrossSites(provider: Provider): void {
  provider.use(async (ctx, next) => {
    await next()
    const cookies = [ctx.res.getHeader('set-cookie') ?? []].flat().map(String)
    const rewritten = cookies.map((cookie) =>
      cookie.replace(/; samesite=(lax|none)/i, '; SameSite=None; Secure'),
    )
    if (cookies.length && !ctx.res.headersSent) ctx.res.setHeader('set-cookie', rewritten)
  })
}

/** Removes the `iss` parameter (RFC 9207) from metadata and authorization responses. */
function withholdIss(provider: Provider): void {
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path.startsWith('/.well-known/')) {
      delete (ctx.body as Record<string, unknown>)['authorization_response_iss_parameter_supported']
    } else if (isAuthorizationPath(ctx.path)) {
      rewriteAuthorizationResponse(ctx, (params) => {
        params.delete('iss')
        return params
      })
    }
  })
}
