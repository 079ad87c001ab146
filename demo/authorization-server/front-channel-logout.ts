import type { KoaContextWithOIDC } from 'oidc-provider'
import { frontChannelLogoutPage } from './pages.js'
import type { Provider } from './provider-class.js'

/** The metadata of a client that is told of logouts in a frame. */
export const frontChannelMetadata = [
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
] as const

/**
 * Adds OpenID Connect Front-Channel Logout 1.0, which oidc-provider no longer has: ID tokens have `sid`, and after a logout a page shows
 * the `frontchannel_logout_uri` of all clients of the session in frames. When these have loaded, it goes on, as Keycloak's page does.
 */
export function enableFrontChannelLogout(provider: Provider): void {
  provider.Client.prototype.includeSid = () => true

  provider.use(async (ctx, next) => {
    await next()
    const to = ctx.response.get('location')
    if (ctx.path !== '/session/end/confirm' || !to) return
    const frames = await buildFrameUrls(provider, (ctx as unknown as KoaContextWithOIDC).oidc.session)
    if (!frames.length) return
    ctx.remove('location')
    ctx.status = 200
    ctx.type = 'html'
    ctx.body = frontChannelLogoutPage({ frames, to })
  })
}

async function buildFrameUrls(
  provider: Provider,
  session: KoaContextWithOIDC['oidc']['session'],
): Promise<string[]> {
  const frames: string[] = []
  for (const clientId of Object.keys(session?.authorizations ?? {})) {
    const uri = (await provider.Client.find(clientId))?.[frontChannelMetadata[0]]
    if (!uri) continue
    const url = new URL(String(uri))
    url.searchParams.set('iss', provider.issuer)
    url.searchParams.set('sid', session!.sidFor(clientId)!)
    frames.push(url.href)
  }
  return frames
}
