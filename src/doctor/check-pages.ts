import type { Facts, Pages } from './facts.js'
import { isFramedByAll, judgeFraming } from './framing.js'
import { asksForPassword, asksForUser, endsApart, isPage } from './page-walk.js'
import type { Answer } from './probe.js'
import { amber, green, grey, red, type CheckId, type Row } from './row.js'

const ids: CheckId[] = ['redirect-uri', 'silent-frame', 'login-frame', 'coop']

/** Checks the pages that a popup and a hidden frame load from the server. */
export function checkPages(facts: Facts): Row[] {
  const { pages, origin } = facts
  if (!facts.clientId) return ids.map((id) => grey(id, 'needs the client ID: add --client-id <id>'))
  if (!pages) return ids.map((id) => grey(id, 'the server has no authorization endpoint'))
  const redirectUri = checkRedirectUri(facts, pages)
  const rest = ids.slice(1)
  if (redirectUri.level === 'red') {
    const { failure, steps } = pages.silent
    const isRefused = !failure && steps.at(-1)!.status < 500
    const why = `not reached${isRefused ? ': the request was refused' : ''}`
    return [redirectUri, ...rest.map((id) => grey(id, why))]
  }
  return [redirectUri, checkSilent(pages, origin), checkLogin(pages, origin), checkCoop(pages)]
}

/** A silent request returns one of these errors if nobody is logged in (OpenID Connect Core section 3.1.2.6). */
const expected = /^(login|interaction|consent|account_selection)_required$/

function isExpected(returned: URLSearchParams): boolean {
  const error = returned.get('error')
  return !error || expected.test(error)
}

function sayReturned(returned: URLSearchParams): string {
  return [returned.get('error'), returned.get('error_description')].filter(Boolean).join(': ')
}

function checkRedirectUri(facts: Facts, { silent, nobody, elsewhere }: Pages): Row {
  const { redirectUri, clientId } = facts
  const { returned, steps, failure } = silent
  const register = `Register exactly ${redirectUri} for the client ${clientId}.`
  if (returned && !isExpected(returned))
    return amber(
      'redirect-uri',
      `registered, but the request failed: ${sayReturned(returned)}`,
      'Fix the error it reports.',
    )
  if (failure) return red('redirect-uri', failure, 'Fix the server.')
  if (!returned) {
    const { status, body } = steps.at(-1)!
    if (status > 499)
      return red(
        'redirect-uri',
        `fails with a page (${status}): ${readText(body)}`,
        'Fix the server: check its log.',
      )
    if (status > 399 || !(asksForUser(body) || asksForPassword(body)))
      return red(
        'redirect-uri',
        `rejected with a page (${status}): ${readText(body)}`,
        `${register} Or correct the client ID.`,
      )
  }
  if (elsewhere.returned)
    return amber(
      'redirect-uri',
      'an unregistered redirect URI is accepted as well',
      'Make the server compare redirect URIs exactly (RFC 9700 section 2.1).',
    )
  // An unregistered value got the same answer, so the server only checks it after the sign-in.
  const control = [elsewhere, nobody].find((walk) => !endsApart(silent, walk))
  if (control)
    return amber(
      'redirect-uri',
      `could not be determined: an unregistered ${control === nobody ? 'client ID' : 'redirect URI'} gets the same answer`,
      `Log in once to see. ${register}`,
    )
  return green(
    'redirect-uri',
    returned ? `${redirectUri} is registered` : `${redirectUri} is answered with a page`,
  )
}

function readText(html: string): string {
  const text = html.slice(0, 20_000).replace(/<(style|script|title)\b[^]*?<\/\1>|<[^>]*>/gi, ' ')
  return text.replaceAll('&#39;', "'").replace(/\s+/g, ' ').trim().slice(0, 120)
}

function checkSilent({ silent, message }: Pages, origin: string): Row {
  const { returned } = silent
  const shown = returned ? undefined : silent.steps.at(-1)
  if (returned && !isExpected(returned))
    return amber(
      'silent-frame',
      `prompt=none is answered with ${sayReturned(returned)}`,
      'Answer it with login_required if nobody is logged in (OpenID Connect Core section 3.1.2.6).',
    )
  if (shown && asksForPassword(shown.body))
    return amber(
      'silent-frame',
      'prompt=none shows the sign-in page if nobody is logged in, and no response arrives',
      'Answer it with login_required (OpenID Connect Core section 3.1.2.6). Otherwise a silent login rejects with frame_silent after 10 s.',
    )
  const page = message?.steps.at(-1)
  if (!message || message.returned || !page)
    return returned
      ? green('silent-frame', 'the server answers with a redirect, which no header blocks')
      : grey('silent-frame', 'no answer to prompt=none was seen')
  if (!isPage(page)) return grey('silent-frame', notAPage(page))
  const problem = judgeFraming(page.headers, page.url, origin)
  if (problem)
    return red(
      'silent-frame',
      `the browser blocks the response in a hidden frame: ${problem}`,
      `Answer prompt=none with CSP frame-ancestors ${origin} and without X-Frame-Options. Or set responseMode: 'fragment'.`,
    )
  return page.body.includes('postMessage')
    ? green('silent-frame', 'a hidden frame gets its response')
    : amber('silent-frame', `web_message posts nothing (${page.status})`, "Set responseMode: 'fragment'.")
}

/** The first page of a login, or why there is none to check. */
function findLoginPage({ login }: Pages): Answer | string {
  const page = login.steps.at(-1)
  if (login.returned || login.failure || !page || page.status > 399) return 'no sign-in page was reached'
  return isPage(page) ? page : notAPage(page)
}

function notAPage({ headers }: Answer): string {
  return `not checked: the server answered with ${headers.get('content-type') ?? 'no content type'}, not with a page`
}

function checkLogin(pages: Pages, origin: string): Row {
  const page = findLoginPage(pages)
  if (typeof page === 'string') return grey('login-frame', page)
  const header = judgeFraming(page.headers, page.url, origin)
  if (header)
    return green(
      'login-frame',
      `the sign-in page cannot be framed by your app (${header}): use popup or redirect`,
    )
  return isFramedByAll(page.headers, page.url)
    ? amber(
        'login-frame',
        'any site can frame the sign-in page (clickjacking)',
        `Send CSP frame-ancestors ${origin}, or 'none'.`,
      )
    : green('login-frame', `${origin} can frame the sign-in page`)
}

function checkCoop(pages: Pages): Row {
  const { login, message } = pages
  const steps = [...login.steps, ...(message?.steps ?? [])]
  const cut = steps.find(({ headers }) => !/^(unsafe-none\b.*)?$/.test(readCoop(headers)))
  if (!cut) {
    const page = findLoginPage(pages)
    return typeof page === 'string'
      ? grey('coop', page)
      : green('coop', 'no COOP up to the sign-in page: the popup stays connected')
  }
  const place = cut === login.steps[0] ? 'the authorization endpoint' : 'a page of the login'
  const found = `COOP ${readCoop(cut.headers)} on ${place} severs the popup`
  return message
    ? red(
        'coop',
        `${found}, and web_message does not work across that`,
        "Do not send Cross-Origin-Opener-Policy on pages of a login. Or set responseMode: 'fragment'.",
      )
    : amber(
        'coop',
        `${found}; the callback page still works, but a closed window is noticed late`,
        'Do not send Cross-Origin-Opener-Policy on pages of a login.',
      )
}

function readCoop(headers: Headers): string {
  return (headers.get('cross-origin-opener-policy') ?? '').trim()
}
