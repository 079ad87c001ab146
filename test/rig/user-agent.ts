import type { Reply } from '../../src/browser/messages/response-listener.js'

/** Who logs in, and what they press on the server's pages. */
export interface Visitor {
  /** @default 'alice' */
  user?: string | undefined
  /** The page that is turned down: `Cancel` at the sign-in page, `Deny` at the consent page. Everything else is filled in and allowed. */
  press?: 'Cancel' | 'Deny' | undefined
}

/** Does by HTTP what a browser does between an authorization request and its response. */
export interface UserAgent {
  /**
   * Follows an authorization request through the server's redirects and pages to the response: the URL that a callback page
   * would be loaded at, or the parameters of a web message. Rejects where a page of the server is the end.
   */
  authorize(url: string, visitor?: Visitor): Promise<Reply>
  /** The text of the server's pages that were met, oldest first. */
  pages: string[]
  /** Forgets all cookies, and with them who is signed in at the server. */
  clearCookies(): void
}

/** More redirects and pages than any login has. */
const longest = 20

/**
 * Creates a user agent without a browser. A redirect to `appOrigin` is the end of its way; it never goes there. The origin of a
 * private-use scheme is `com.example.app:`.
 */
export function createUserAgent(appOrigin: string): UserAgent {
  const jars = new Map<string, Map<string, string>>()
  const pages: string[] = []

  const request = async (url: string, form?: Record<string, string>): Promise<Response> => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    return response
  }

  return {
    pages,
    clearCookies: () => jars.clear(),

    async authorize(start, { user = 'alice', press } = {}) {
      let url = start
      let response = await request(url)
      for (let step = 0; step < longest; step++) {
        const location = response.headers.get('location')
        if (location) {
          url = new URL(location, url).href
          if (url.startsWith(`${appOrigin}/`)) return { href: url }
          response = await request(url)
          continue
        }
        const page = await response.text()
        const params = readWebMessage(page)
        if (params) return { params }
        pages.push(page)
        const [submit, abort] = readActions(page)
        if (!submit || !abort)
          throw new Error(`the server shows a page that leads nowhere: ${readTitle(page)}`)
        const isTurnedDown = press !== undefined && page.includes(`<button>${press}</button>`)
        url = new URL(isTurnedDown ? abort : submit, url).href
        response = await request(url, isTurnedDown ? {} : { login: user, password: 'secret' })
      }
      throw new Error(`no response after ${longest} redirects and pages`)
    },
  }
}

/** Reads the parameters that a page posts to its opener, of oidc-provider or of the rig's faults. */
function readWebMessage(page: string): Record<string, string> | undefined {
  const [, json] = /"response":(\{[^{}]*\})/.exec(page) ?? []
  return json === undefined ? undefined : (JSON.parse(json) as Record<string, string>)
}

/** Reads where a page's forms post to: the one that goes on, and the one that turns it down. */
function readActions(page: string): string[] {
  return [...page.matchAll(/<form [^>]*action="([^"]+)"/g)].map(([, action]) => action!)
}

function readTitle(page: string): string {
  return /<title>([^<]*)/.exec(page)?.[1] ?? page.slice(0, 80)
}
