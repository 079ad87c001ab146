import type { LoginOptions } from '../../api/login-options.js'
import { checkOption } from '../../base/check-option.js'
import { AuthError } from '../../base/errors.js'
import { withoutPrototype } from '../../base/without-prototype.js'

/** Options of `readInitiatedLogin`. An invalid value causes a `TypeError`. */
export interface InitiatedLoginOptions {
  /**
   * The `issuer` of your client, exactly as you pass it to `createClient`; a list if the app has clients for several servers.
   *
   * @example
   * import { readInitiatedLogin } from 'latchkey/initiated-login'
   * const request = readInitiatedLogin(location.href, { issuer: 'https://id.example.com' })
   * @see OpenID Connect Core section 4
   */
  issuer: string | URL | (string | URL)[]
  /**
   * The page to return to if the request does not name one. A relative URL is resolved against the URL of the request. A URL of
   * another origin causes a `TypeError`.
   *
   * @default '/'
   * @example
   * import { readInitiatedLogin } from 'latchkey/initiated-login'
   * const request = readInitiatedLogin(location.href, { issuer: 'https://id.example.com', returnTo: '/orders' })
   * @see RFC 9700 section 4.11.1
   */
  returnTo?: string | URL | undefined
}

/** A request from another site to log the user in. */
export interface InitiatedLogin {
  /** The issuer that the request names: one of yours. If the app has several clients, use it to choose one. */
  issuer: string
  /** The options for `login()`: `mode: 'redirect'`, because nobody has clicked on this page, `returnTo`, and `loginHint` if given. */
  loginOptions: Pick<LoginOptions, 'mode' | 'returnTo' | 'loginHint'>
}

/** The parameters of a request. Other parameters of the URL are the app's own. */
const parameters = ['iss', 'login_hint', 'target_link_uri'] as const
/** The parameters of an authorization response, which can have `iss`, too (RFC 9207). */
const responseParameters = ['code', 'error', 'state', 'response'] as const

/**
 * Reads a third-party-initiated login from the URL of a page: another site, such as a portal or the server's own list of apps, sends the
 * user to your app and asks it to log them in. Returns undefined if the URL is not such a request. Sends nothing, and needs no page.
 *
 * Register the page at the server as `initiate_login_uri`. Servers can also send the request as a form POST, which a page cannot read.
 *
 * **Anyone can make such a link.** The request is not trusted: it decides neither where the user logs in nor where codes and tokens go.
 * `iss` must equal your issuer exactly, and `target_link_uri` must be a URL of the page's origin. The login that you start has its own
 * `state`, nonce and code verifier.
 *
 * Throws `invalid_request` for another issuer, a `target_link_uri` that is not an absolute URL of the page's origin, or a repeated
 * parameter. Throws a `TypeError` for an invalid option, or if `url` is not an absolute URL.
 *
 * @example
 * import { readInitiatedLogin } from 'latchkey/initiated-login'
 * const request = readInitiatedLogin(location.href, { issuer: 'https://id.example.com' })
 * if (request) await auth.login(request.loginOptions)
 * @see OpenID Connect Core section 4
 */
export function readInitiatedLogin(
  url: string | URL,
  options: InitiatedLoginOptions,
): InitiatedLogin | undefined {
  const { issuer, returnTo = '/' } = withoutPrototype(options)
  checkOption('url', URL.canParse(url), 'an absolute URL', url)
  const issuers = [issuer ?? []].flat().map((one) => `${one}`)
  checkOption(
    'issuer',
    issuers.length && issuers.every((one) => URL.canParse(one)),
    'a URL, or a list of URLs',
  )
  const page = new URL(url)
  const back = findOwnUrl(`${returnTo}`, page, page)
  checkOption('returnTo', back, "a URL of this page's origin", returnTo)

  const query = page.searchParams
  if (!query.has('iss') || responseParameters.some((name) => query.has(name))) return undefined
  for (const name of parameters)
    if (query.getAll(name).length > 1)
      throw new AuthError('invalid_request', `the request to log in repeats "${name}": ignore it`)
  const iss = query.get('iss')!
  if (!issuers.includes(iss))
    throw new AuthError(
      'invalid_request',
      'the request to log in names another issuer: "iss" must equal "issuer" exactly',
    )
  const target = query.get('target_link_uri')
  const targetUrl = target === null ? back : findOwnUrl(target, page)
  if (!targetUrl)
    throw new AuthError(
      'invalid_request',
      '"target_link_uri" of the request to log in is not an absolute URL of this origin: ignore it',
    )
  const loginHint = query.get('login_hint')
  const loginOptions = { mode: 'redirect', returnTo: targetUrl, ...(loginHint && { loginHint }) } as const
  return { issuer: iss, loginOptions }
}

/** Resolves a URL of the page's origin. Compares text, because `origin` also matches for a `blob:` URL, and ignores a user name. */
function findOwnUrl(value: string, page: URL, base?: URL): string | undefined {
  if (!URL.canParse(value, base?.href)) return undefined
  const { href } = new URL(value, base?.href)
  return href.startsWith(page.origin + '/') ? href : undefined
}
