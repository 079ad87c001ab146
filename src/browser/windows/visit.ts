import type { Destination } from '../../api/login-transport.js'
import { fromDocument } from '../from-document.js'

/**
 * The longest URL that is loaded by GET. Keycloak, IIS and gunicorn take 4 kB, nginx, Apache and Tomcat 8 kB, Node 16 kB with all
 * headers. A server must take a form as well: OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2.
 */
const longestUrl = 4000

/** Tells whether a URL is too long for a request line. */
export function isTooLong(url: string): boolean {
  return url.length > longestUrl
}

/**
 * Loads a page of the server by `load`, or, where its URL is too long, by a form into the window or frame called `target`. Browsers
 * withhold `SameSite=Lax` cookies from a form of another site, and CSP `form-action` of this page must name the server.
 */
export function visit({ url, endpoint }: Destination, target: string, load: (url: string) => void): void {
  if (!isTooLong(url)) return load(url)
  const create = fromDocument('createElement')
  const { searchParams: own } = new URL(endpoint)
  const inputs = [...new URL(url).searchParams]
    .filter(([name, value]) => own.get(name) !== value)
    .map(([name, value]) => Object.assign(create('input'), { type: 'hidden', name, value }))
  // With a target of its own, or that of `<base>` would count.
  const form = Object.assign(create('form'), {
    method: 'post',
    action: endpoint,
    target,
    acceptCharset: 'utf-8',
  })
  form.append(...inputs)
  const page = fromDocument('documentElement')
  page.appendChild(form)
  // A parameter can be called `submit`, too.
  HTMLFormElement.prototype.submit.call(form)
  page.removeChild(form)
}
