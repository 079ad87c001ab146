import { judgeLoss } from './judge-loss.js'
import { isAnswerKnown, isSenderGone } from './known-answer.js'
import type { Exchange, SoakRecord } from './record.js'

/** What a run is measured by. */
export interface Figures {
  /** Refresh tokens that the server accepted. */
  refreshes: number
  /** Logins after the first one of each session. */
  loginsNeeded: number
  /** Sent again while the first request was waiting for its answer. */
  sentConcurrently: number
  /** Sent again after the sender had its answer. */
  sentAfterAnswer: number
  /** Sent again after a request that the server had not processed, and whose answer was lost. */
  sentAgainUnprocessed: number
  /** Sent again after the server had rotated the token, and the answer was lost. */
  sentAgainProcessed: number
  /** New grants by a hidden frame. */
  frameGrants: number
  /** Sessions that ended because the answer to a rotation was destroyed, and no frame was possible. */
  lostUnavoidably: number
  /** Sessions that ended for another reason. */
  lostOtherwise: number
  disagreements: number
  storeFailures: number
  tokens: number
  incidents: number
  faults: number
  errors: Record<string, number>
}

/** The figures of a run, and what is wrong with them. */
export interface Verdict {
  figures: Figures
  /** Each required figure that was missed, with the evidence. */
  failures: string[]
}

/** Judges a run by the proxy's record and by what the tabs reported. */
export function judge(record: SoakRecord, required: { refreshes: number }): Verdict {
  const failures: string[] = []
  const { exchanges } = record
  const refreshes = exchanges.filter(
    ({ kind, outcome }) => kind === 'refresh' && outcome === 'granted',
  ).length
  const resent = countResent(record, failures)
  let lostUnavoidably = 0
  for (const loss of record.losses) {
    const fault = judgeLoss(record, loss)
    if (fault) failures.push(`${loss.clientId} was lost at ${loss.at} (${loss.reason}): ${fault}`)
    else lostUnavoidably += 1
  }
  failures.push(...record.failedLogins)
  for (const { clientId, at, shown } of record.disagreements)
    failures.push(`tabs of ${clientId} disagree at ${at}: ${JSON.stringify(shown)}`)
  if (refreshes < required.refreshes) failures.push(`${refreshes} refreshes instead of ${required.refreshes}`)
  if (record.tokens === 0) failures.push('no tab got a token')
  return {
    failures,
    figures: {
      refreshes,
      loginsNeeded: Math.max(0, record.logins.length - record.clients.length),
      ...resent,
      frameGrants: exchanges.filter(({ kind, outcome }) => kind === 'frame' && outcome === 'granted').length,
      lostUnavoidably,
      lostOtherwise: record.losses.length - lostUnavoidably,
      disagreements: record.disagreements.length,
      storeFailures: record.storeFailures.length,
      tokens: record.tokens,
      incidents: record.incidents.length,
      faults: exchanges.filter(({ fault }) => fault).length,
      errors: record.errors,
    },
  }
}

type Resent = Pick<
  Figures,
  'sentConcurrently' | 'sentAfterAnswer' | 'sentAgainUnprocessed' | 'sentAgainProcessed'
>

function countResent(record: SoakRecord, failures: string[]): Resent {
  const counts: Resent = {
    sentConcurrently: 0,
    sentAfterAnswer: 0,
    sentAgainUnprocessed: 0,
    sentAgainProcessed: 0,
  }
  for (const sendings of groupByToken(record.exchanges)) {
    sendings.forEach((sending, index) => {
      const before = sendings.slice(0, index)
      if (before.length === 0) return
      const kind = classify(before, sending, record)
      counts[kind] += 1
      if (kind === 'sentConcurrently' || kind === 'sentAfterAnswer')
        failures.push(describe(kind, before, sending))
    })
  }
  return counts
}

function classify(before: Exchange[], sending: Exchange, record: SoakRecord): keyof Resent {
  const { arrived } = sending
  const isWaiting = (one: Exchange) =>
    (one.ended ?? Infinity) > arrived && !isSenderGone(one, arrived, record.incidents)
  if (before.some(isWaiting)) return 'sentConcurrently'
  if (before.some((one) => isAnswerKnown(one, record.incidents))) return 'sentAfterAnswer'
  return before.some(({ outcome }) => outcome === 'granted') ? 'sentAgainProcessed' : 'sentAgainUnprocessed'
}

function groupByToken(exchanges: Exchange[]): Exchange[][] {
  const groups = new Map<number, Exchange[]>()
  for (const exchange of exchanges.toSorted((one, other) => one.arrived - other.arrived)) {
    if (exchange.token === undefined) continue
    groups.set(exchange.token, [...(groups.get(exchange.token) ?? []), exchange])
  }
  return [...groups.values()]
}

function describe(kind: string, before: Exchange[], sending: Exchange): string {
  return `${kind}: ${JSON.stringify(sending)} after ${JSON.stringify(before)}`
}
