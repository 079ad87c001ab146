import { isEndpoint } from '../protocol/secure-url.js'
import type { Destination } from './navigate.js'
import { isAnswer, type Answer, type Probe } from './probe.js'

/** The responses that a window got from the server, and where it ended up. */
export interface PageWalk {
  /** The responses, in order. The last one is the page that is shown, unless it redirects back. */
  steps: Answer[]
  /** The parameters that arrived at the redirect URI. */
  returned?: URLSearchParams
  /** Why there is no page. */
  failure?: string
  /** Whether the request was pushed (PAR). */
  pushed?: true
}

const longestWalk = 10

/** Loads a URL like a window or a frame, and follows its redirects to a page, or back to the redirect URI. */
export async function walkPages(
  probe: Probe,
  url: string,
  redirectUri: string,
  destination: Destination,
): Promise<PageWalk> {
  const steps: Answer[] = []
  const jar = new Map<string, Map<string, string>>()
  let next = url
  while (steps.length < longestWalk) {
    const { host } = new URL(next)
    const cookies = [...(jar.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const outcome = await probe.open(next, cookies, destination)
    if (!isAnswer(outcome)) return { steps, failure: outcome.failure }
    steps.push(outcome)
    keepCookies(jar, host, outcome)
    const location = outcome.headers.get('location')
    if (outcome.status < 300 || outcome.status > 399 || !location) return { steps }
    if (!URL.canParse(location, next)) return { steps, failure: 'redirects to something that is not a URL' }
    const target = new URL(location, next)
    if (isReturn(target, new URL(redirectUri)))
      return { steps, returned: new URLSearchParams(target.hash.slice(1) || target.search) }
    if (!isEndpoint(target.href))
      return { steps, failure: `redirects to ${target.origin}, which is not https` }
    next = target.href
  }
  return { steps, failure: `redirects more than ${longestWalk} times` }
}

/** Tells whether a response is an HTML page. */
export function isPage({ headers }: Answer): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '')
}

/** Tells a sign-in page from an error page. */
export function asksForPassword(html: string): boolean {
  return /<input\b[^>]*\btype=["']?password\b/i.test(html)
}

/**
 * Tells whether the end of a walk says anything about the value that was sent. It does if an invalid value ends elsewhere. A busy
 * server has not checked the value.
 */
export function endsApart(walk: PageWalk, control: PageWalk): boolean {
  const isBusy = [429, 502, 503, 504].includes(control.steps.at(-1)?.status ?? 0)
  return !control.failure && !isBusy && describeEnd(walk) !== describeEnd(control)
}

/** Tells whether a page says that a silent request requires the user. */
export function asksForUser(html: string): boolean {
  return /(login|interaction)_required/.test(html)
}

function describeEnd({ returned, steps }: PageWalk): string {
  if (returned) return `returned ${returned.get('error')}`
  const { status, body } = steps.at(-1)!
  return `${status} ${asksForPassword(body)} ${asksForUser(body)}`
}

/** The query of the redirect URI comes before the parameters of the server. */
function isReturn(target: URL, redirectUri: URL): boolean {
  return (
    target.origin === redirectUri.origin &&
    target.pathname === redirectUri.pathname &&
    target.search.startsWith(redirectUri.search)
  )
}

function keepCookies(jar: Map<string, Map<string, string>>, host: string, { headers }: Answer): void {
  const kept = jar.get(host) ?? new Map<string, string>()
  for (const cookie of headers.getSetCookie()) {
    const [pair = ''] = cookie.split(';')
    const at = pair.indexOf('=')
    if (at > 0) kept.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  jar.set(host, kept)
}
