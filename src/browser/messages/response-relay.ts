import { buildState, loginPrefix, readWay } from '../../base/state-name.js'
import { openChannel } from './channel.js'

/**
 * Relays the response in the URL of this page to the page that waits for it, as {latchkey: the URL}: to the opener or parent, to
 * `BroadcastChannel('latchkey:' + state)`, or, after a redirect of this tab, through `sessionStorage` to the page where the login
 * started. A URL without a response is relayed, too, so that its opener does not wait for one. This code knows nothing about OAuth:
 * it only reads `state`, which says how to relay the response, and names the channel.
 *
 * @param onUnclaimed called if no page has taken the response after a second
 * @returns false if `sessionStorage` has the response for this page, or the information that this tab has no such login
 */
export function relayResponse(onUnclaimed: () => void): boolean {
  const { href, hash, search, origin, pathname } = location
  const ownSearch = /(code|error|state|token|response)=/.test(search) ? '' : search
  // First, so that the history, a reload or another script cannot see the response again. With the origin, because a path like
  // `//callback.html` alone would name a host.
  history.replaceState(null, '', origin + pathname + ownSearch)
  const state =
    new URLSearchParams(hash.slice(1)).get('state') ?? new URLSearchParams(search).get('state') ?? ''
  const name = loginPrefix + state
  const way = readWay(state)
  const other = parent === window ? opener : parent
  // Without a `state` of ours, the response goes to the opener or parent of this window.
  if (way === 'redirect' || !(other || way)) {
    const stored = readStored(name, href)
    if (!stored) {
      // The app reports it when the user gets there.
      sessionStorage.setItem(loginPrefix + buildState('redirect', ''), '{}')
      return false
    }
    stored.reply ??= href
    sessionStorage.setItem(name, JSON.stringify(stored))
    const back = new URL(stored.returnTo, href)
    const own = back.href.startsWith(origin + '/')
    // Another query can be another page.
    const away = own && back.pathname + back.search !== pathname + ownSearch
    if (away) location.replace(back)
    else if (own) history.replaceState(null, '', back)
    return away
  }
  const message = { latchkey: href }
  other?.postMessage(message, origin)
  const timer = setTimeout(onUnclaimed, 1000)
  const post = openChannel(name, (data) => {
    if (data !== 'taken') return
    clearTimeout(timer)
    close()
  })
  post(message)
  return true
}

/** Reads a stored login; undefined if there is none, or a damaged one. */
function readStored(name: string, href: string): any {
  try {
    const stored = JSON.parse(sessionStorage.getItem(name)!)
    return stored.state && new URL(stored.returnTo, href) && stored
  } catch {
    return undefined
  }
}
