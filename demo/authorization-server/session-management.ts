import { createHash, randomBytes } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Provider } from './provider-class.js'

/** The path of the page that apps ask whether the user's session has changed. */
export const checkSessionPath = '/session/check'

const hash = (text: string) => createHash('sha256').update(text).digest('base64url')

/**
 * Adds OpenID Connect Session Management 1.0, which oidc-provider no longer has: `session_state` in authorization responses, and the page
 * for `check_session_iframe`. `port` is part of the cookie's name, because cookies are shared across ports.
 */
export function enableSessionManagement(provider: Provider, port: number): void {
  const cookie = `_browser_state_${port}`

  // Before the response is built.
  provider.on('authorization.success', (ctx: KoaContextWithOIDC, response?: Record<string, unknown>) => {
    const { session, client, params } = ctx.oidc
    if (!session || !client || !response) return
    const { uid, accountId, loginTs } = session as typeof session & { uid: string }
    // The OP browser state (section 3.2): another one after a login, and none after a logout.
    const browserState = hash(`${uid} ${accountId} ${loginTs}`)
    // The page's script reads it.
    ctx.cookies.set(cookie, browserState, {
      httpOnly: false,
      signed: false,
      sameSite: 'lax',
      overwrite: true,
    })
    const { origin } = new URL(String(params!['redirect_uri']))
    const salt = randomBytes(16).toString('base64url')
    response['session_state'] = `${hash(`${client.clientId} ${origin} ${browserState} ${salt}`)}.${salt}`
  })
  provider.on('end_session.success', (ctx) => ctx.cookies.set(cookie, null, { signed: false }))

  provider.use(async (ctx, next) => {
    if (ctx.path !== checkSessionPath) return next()
    ctx.type = 'html'
    ctx.body = buildPage(cookie)
  })
}

/** The page that reads the browser state and answers messages (section 3.2). */
function buildPage(cookie: string): string {
  return `<!doctype html>
<title>Session</title>
<script>
  async function check(data, origin) {
    const [, clientId, expected, salt] = /^(.+) ([\\w-]{43})\\.([\\w-]+)$/.exec(data) || []
    if (!salt) return 'error'
    const [, browserState] = /(?:^|; )${cookie}=([^;]+)/.exec(document.cookie) || []
    if (!browserState) return 'changed'
    const bytes = new TextEncoder().encode([clientId, origin, browserState, salt].join(' '))
    const digest = String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
    const actual = btoa(digest).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    return actual === expected ? 'unchanged' : 'changed'
  }
  addEventListener('message', async ({ data, origin, source }) => {
    source.postMessage(await check(String(data), origin), origin)
  })
</script>
`
}
