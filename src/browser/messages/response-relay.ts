import { buildState, loginPrefix, readWay } from '../../base/state-name.js'
import { openChannel } from './channel.js'

/**
 * Hands the response that this page was loaded with to whoever waits for it, as {latchkey: the URL it was loaded at}:
 * to the opener or parent, to `BroadcastChannel('latchkey:' + state)`, or, where the tab itself was redirected, through
 * `sessionStorage` to the page that the login started from. A page that was loaded without a response is handed over, too: whoever
 * has opened it need not wait any longer. Knows no OAuth; `state` says the way, and is the name of the channel.
 *
 * @param onOrphan called when nobody has taken the response after a second
 * @returns false when the response, or the news that this tab knows of no login, waits in `sessionStorage` for this page
 */
export function handOver(onOrphan: () => void): boolean {
  const { href, hash, search, origin, pathname } = location
  const ownSearch = /(code|error|state|token|response)=/.test(search) ? '' : search
  // Wiped first: neither the history nor a reload nor another script gets to see the response again. In full: `//callback.html`
  // alone would name a host.
  history.replaceState(null, '', origin + pathname + ownSearch)
  const state =
    new URLSearchParams(hash.slice(1)).get('state') ?? new URLSearchParams(search).get('state') ?? ''
  const name = loginPrefix + state
  const way = readWay(state)
  const other = parent === window ? opener : parent
  // `state` says how the login travels; where it does not, whoever has opened this window or frame is told.
  if (way === 'redirect' || !(other || way)) {
    const stored = JSON.parse(sessionStorage.getItem(name) ?? '{}')
    if (!stored.state) {
      // The app says what happened when the user gets there.
      sessionStorage.setItem(loginPrefix + buildState('redirect', ''), '{}')
      return false
    }
    stored.reply ??= href
    sessionStorage.setItem(name, JSON.stringify(stored))
    const back = new URL(stored.returnTo, href)
    const own = back.href.startsWith(origin + '/')
    // Another query can be another page of the server.
    const away = own && back.pathname + back.search !== pathname + ownSearch
    if (away) location.replace(back)
    else if (own) history.replaceState(null, '', back)
    return away
  }
  const message = { latchkey: href }
  other?.postMessage(message, origin)
  const orphaned = setTimeout(onOrphan, 1000)
  const post = openChannel(name, (data) => {
    if (data !== 'taken') return
    clearTimeout(orphaned)
    close()
  })
  post(message)
  return true
}
