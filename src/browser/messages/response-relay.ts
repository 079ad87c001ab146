import { openChannel } from './channel.js'

/**
 * Hands the response that this page was loaded with to whoever waits for it, as {latchkey: the URL it was loaded at}:
 * to the opener or parent, to `BroadcastChannel('latchkey:' + state)`, or, where the tab itself was redirected, through
 * `sessionStorage` to the page that the login started from. Knows no OAuth; `state` is only the name of the channel.
 *
 * @param onOrphan called when nobody has taken the response after a second
 * @returns false when the response, or the news that this tab knows of no login, waits in `sessionStorage` for this page
 */
export function handOver(onOrphan: () => void): boolean {
  const { href, hash, search, origin, pathname } = location
  // Wiped first: neither the history nor a reload nor another script gets to see the response again.
  history.replaceState(null, '', pathname)
  const state = new URLSearchParams(hash.slice(1)).get('state') ?? new URLSearchParams(search).get('state')
  const name = 'latchkey:' + state
  if (parent === window && !/^[pi]\./.test(state ?? '')) {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? '{}')
    if (!kept.state) {
      // The app says what happened when the user gets there.
      sessionStorage.setItem('latchkey:r.', '{}')
      return false
    }
    kept.reply ??= href
    sessionStorage.setItem(name, JSON.stringify(kept))
    const back = new URL(kept.returnTo, href)
    const own = back.href.startsWith(origin + '/')
    const away = own && back.pathname !== pathname
    if (away) location.replace(back)
    else if (own) history.replaceState(null, '', back)
    return away
  }
  const message = { latchkey: href }
  const other = parent === window ? opener : parent
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
