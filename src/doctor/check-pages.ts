import type { Facts, Pages } from './facts.js'
import { isFramedByAll, judgeFraming } from './framing.js'
import type { PageWalk } from './page-walk.js'
import { amber, green, grey, red, type CheckId, type Row } from './row.js'

const ids: CheckId[] = ['redirect-uri', 'silent-frame', 'login-frame', 'coop']

/** Checks what a window and a frame see at the server. */
export function checkPages(facts: Facts): Row[] {
  const { pages, origin } = facts
  if (!facts.clientId) return ids.map((id) => grey(id, 'needs the client ID: add --client-id <id>'))
  if (!pages) return ids.map((id) => grey(id, 'the server has no authorization endpoint'))
  const redirectUri = checkRedirectUri(facts, pages.silent)
  const rest = ids.slice(1)
  if (redirectUri.level === 'red') {
    const { failure, steps } = pages.silent
    const isRefused = !failure && steps.at(-1)!.status < 500
    const why = `not reached${isRefused ? ': the request was refused' : ''}`
    return [redirectUri, ...rest.map((id) => grey(id, why))]
  }
  return [redirectUri, checkSilent(pages, origin), checkLogin(pages, origin), checkCoop(pages)]
}

/** A silent request comes back with one of these when nobody is logged in (OpenID Connect Core section 3.1.2.6). */
const expected = /^(login|interaction|consent|account_selection)_required$/

function checkRedirectUri({ redirectUri, clientId }: Facts, { returned, steps, failure }: PageWalk): Row {
  const register = `Register exactly ${redirectUri} for the client ${clientId}.`
  if (returned) {
    const error = returned.get('error')
    if (!error || expected.test(error)) return green('redirect-uri', `${redirectUri} is registered`)
    const said = [error, returned.get('error_description')].filter(Boolean).join(': ')
    return amber('redirect-uri', `registered, but the request failed: ${said}`, 'Mend what it names.')
  }
  if (failure) return red('redirect-uri', failure, 'Mend the server.')
  const { status, body } = steps.at(-1)!
  if (status > 499)
    return red(
      'redirect-uri',
      `fails with a page (${status}): ${readText(body)}`,
      'Mend the server: its log says more.',
    )
  if (status < 400 && (/(login|interaction)_required/.test(body) || asksForPassword(body)))
    return green('redirect-uri', `${redirectUri} is answered, by a page`)
  return red(
    'redirect-uri',
    `refused with a page (${status}): ${readText(body)}`,
    `${register} Or mend the client ID.`,
  )
}

function readText(html: string): string {
  const text = html.slice(0, 20_000).replace(/<(style|script|title)\b[^]*?<\/\1>|<[^>]*>/gi, ' ')
  return text.replaceAll('&#39;', "'").replace(/\s+/g, ' ').trim().slice(0, 120)
}

/** A sign-in page is no page about what is wrong. */
const asksForPassword = (html: string) => /<input\b[^>]*\btype=["']?password\b/i.test(html)

function checkSilent({ silent, message }: Pages, origin: string): Row {
  const shown = !silent.returned && silent.steps.at(-1)
  if (shown && asksForPassword(shown.body))
    return amber(
      'silent-frame',
      'prompt=none shows the sign-in page where nobody is logged in: no answer comes',
      'Have it answered with login_required (OpenID Connect Core section 3.1.2.6). Else it is frame_silent, after 10 s.',
    )
  const page = message?.steps.at(-1)
  if (!message || message.returned || !page)
    return green('silent-frame', 'the server answers by redirect, which no header stops')
  const problem = judgeFraming(page.headers, page.url, origin)
  if (problem)
    return red(
      'silent-frame',
      `the answer in a hidden frame is refused: ${problem}`,
      `Answer prompt=none with CSP frame-ancestors ${origin} and without X-Frame-Options. Or: responseMode: 'fragment'.`,
    )
  return page.body.includes('postMessage')
    ? green('silent-frame', 'a hidden frame gets its answer')
    : amber('silent-frame', `web_message posts nothing (${page.status})`, "Use responseMode: 'fragment'.")
}

function checkLogin({ login }: Pages, origin: string): Row {
  const page = login.steps.at(-1)
  if (login.returned || login.failure || !page || page.status > 399)
    return grey('login-frame', 'no sign-in page was reached')
  const header = judgeFraming(page.headers, page.url, origin)
  if (header)
    return green(
      'login-frame',
      `the sign-in page shows in no frame of yours (${header}): use popup or redirect`,
    )
  return isFramedByAll(page.headers, page.url)
    ? amber(
        'login-frame',
        'any site can frame the sign-in page (clickjacking)',
        `Name who may: CSP frame-ancestors ${origin}, or 'none'.`,
      )
    : green('login-frame', `${origin} may frame the sign-in page`)
}

function checkCoop({ login, message }: Pages): Row {
  const steps = [...login.steps, ...(message?.steps ?? [])]
  const cut = steps.find(({ headers }) => !/^(unsafe-none\b.*)?$/.test(readCoop(headers)))
  if (!cut) return green('coop', 'no COOP: the popup stays in touch')
  const place = cut === login.steps[0] ? 'the authorization endpoint' : 'a page of the login'
  const found = `COOP ${readCoop(cut.headers)} on ${place} cuts the popup off`
  return message
    ? red(
        'coop',
        `${found}, and web_message cannot cross that`,
        "Send no Cross-Origin-Opener-Policy on pages of a login. Or: responseMode: 'fragment'.",
      )
    : amber(
        'coop',
        `${found}; the callback page gets through, a closed window shows late`,
        'Send no Cross-Origin-Opener-Policy on pages of a login.',
      )
}

function readCoop(headers: Headers): string {
  return (headers.get('cross-origin-opener-policy') ?? '').trim()
}
