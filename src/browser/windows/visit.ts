import type { Destination } from '../../api/login-transport.js'
import { fromDocument } from '../from-document.js'

/**
 * The longest URL that is loaded with GET. Keycloak, IIS and gunicorn accept 4 kB, nginx, Apache and Tomcat 8 kB, Node 16 kB with all
 * headers. Servers must accept a form, too: OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2.
 */
const longestUrl = 4000

/** Tells whether a URL is too long for a request line. */
export function isTooLong(url: string): boolean {
  return url.length > longestUrl
}

/** Loads a page of the server with `load` or, if its URL is too long, with a form in the window or frame named `target`. */
export function visit(to: Destination, target: string, load: (url: string) => void): void {
  if (isTooLong(to.url)) submitForm(to, target)
  else load(to.url)
}

/**
 * Loads a page of the server with a form in the window or frame named `target`. Browsers do not send `SameSite=Lax` cookies with a form
 * of another site, and the CSP `form-action` of this page must allow the server.
 */
export function submitForm({ url, endpoint }: Destination, target: string): void {
  const create = fromDocument('createElement')
  const { searchParams: own } = new URL(endpoint)
  const inputs = [...new URL(url).searchParams]
    .filter(([name, value]) => own.get(name) !== value)
    .map(([name, value]) => Object.assign(create('input'), { type: 'hidden', name, value }))
  // Always with a target, because otherwise the one of `<base>` would apply.
  const form = Object.assign(create('form'), {
    method: 'post',
    action: endpoint,
    target,
    acceptCharset: 'utf-8',
  })
  form.append(...inputs)
  const page = fromDocument('documentElement')
  page.appendChild(form)
  // A parameter may be named `submit`.
  HTMLFormElement.prototype.submit.call(form)
  page.removeChild(form)
}
