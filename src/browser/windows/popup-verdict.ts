/** What the opener can observe of a window at one moment. */
export interface PopupSample {
  /** The value of `closed`, which COOP sets to true while the window is open. */
  closed: boolean
  /** Whether it has left `about:blank`: its location is another one, or cannot be read. */
  away: boolean
  /** Whether this page has the focus. */
  focused: boolean
}

/** The result of the samples so far. The counts are of consecutive samples. */
export interface PopupWatch {
  seenOpen: boolean
  closed: number
  cut: 'no' | 'at the server' | 'on a later page'
  focused: number
}

/** The time between two samples, in milliseconds. */
export const turn = 50
/** How many turns `closed` must last before it counts, so that a message that is already queued arrives first. */
const closedTurns = 10
/** How many turns the focus may take to return to this page after the user has closed a window. */
const laterTurns = 24
/** How many turns the focus must stay on this page before a severed window counts as given up. */
const givenUpTurns = 80

/** The watch before the first sample. */
export const unwatched: PopupWatch = { seenOpen: false, closed: 0, cut: 'no', focused: 0 }

/**
 * Evaluates one more sample. `gone` means that the user has closed the window, or has returned to this page without closing it.
 */
export function judgePopup(watch: PopupWatch, sample: PopupSample): PopupWatch & { gone: boolean } {
  const seenOpen = watch.seenOpen || (!sample.closed && sample.away)
  const closed = sample.closed ? watch.closed + 1 : 0
  const focused = closed && sample.focused ? watch.focused + 1 : 0
  const next = { seenOpen, closed, focused }
  if (watch.cut === 'no' && seenOpen && sample.focused && closed >= closedTurns)
    return { ...next, cut: 'no', gone: true }
  const cut = watch.cut === 'no' ? findCut(seenOpen, closed) : watch.cut
  return { ...next, cut, gone: cut !== 'no' && focused >= givenUpTurns }
}

/** Tells where COOP severed a window that has been `closed` for so many turns, and was not closed by the user. */
function findCut(seenOpen: boolean, closed: number): PopupWatch['cut'] {
  if (!seenOpen) return closed >= closedTurns ? 'at the server' : 'no'
  return closed >= laterTurns ? 'on a later page' : 'no'
}
