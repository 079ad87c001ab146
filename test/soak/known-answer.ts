import type { Exchange, Incident } from './record.js'

/** How long a tab may take to store an answer that has arrived, in milliseconds. */
const timeToStore = 3000
/** From when on a page gives up on a request, in milliseconds: its limit is 10 s. */
const requestLimit = 9500

/**
 * Tells whether the sender had its answer: the server's own one was delivered whole in time, and nothing happened to the tab until it
 * was stored.
 */
export function isAnswerKnown(exchange: Exchange, incidents: Incident[]): boolean {
  const { arrived, ended, delivered, outcome } = exchange
  if (!delivered || outcome === 'none' || ended === undefined) return false
  if (ended - arrived > requestLimit) return false
  return !incidents.some(
    ({ tab, at, until }) => tab === exchange.tab && at <= ended + timeToStore && until >= arrived,
  )
}

/** Tells whether a tab no longer waited for its answer at a time: it had ended, or lost its network. */
export function isSenderGone(exchange: Exchange, when: number, incidents: Incident[]): boolean {
  return incidents.some(
    ({ tab, kind, at, until }) =>
      tab === exchange.tab && kind !== 'frozen' && at <= when && until >= exchange.arrived,
  )
}
