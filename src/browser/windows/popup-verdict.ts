/** What can be seen of a window from outside at one moment. */
export interface PopupSample {
  /** What `closed` says; COOP makes it true while the window is open. */
  closed: boolean
  /** Whether it has left `about:blank`: its location cannot be read, or reads as something else. */
  away: boolean
  /** Whether this page has the focus. */
  focused: boolean
}

/** What the samples so far have shown. Each count is of consecutive samples. */
export interface PopupWatch {
  seenOpen: boolean
  closed: number
  cut: 'no' | 'at the server' | 'on a later page'
  focused: number
}

/** How long one turn of watching takes, in milliseconds. */
export const turn = 50
/** How many turns `closed` must last before it means anything: a message that is already queued comes first. */
const closedTurns = 10
/** How long the focus may take to come back here after the user has closed a window. */
const laterTurns = 24
/** How many turns the focus must stay here before a window that was cut off counts as given up. */
const givenUpTurns = 80

/** The watch before the first sample. */
export const unwatched: PopupWatch = { seenOpen: false, closed: 0, cut: 'no', focused: 0 }

/**
 * Judges one more sample. `gone` on the result means: the user has closed the window, or has come back to this page
 * and left it behind.
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

/** Finds where a window was cut off that says for so many turns that it is closed, and was not closed by the user. */
function findCut(seenOpen: boolean, closed: number): PopupWatch['cut'] {
  if (!seenOpen) return closed >= closedTurns ? 'at the server' : 'no'
  return closed >= laterTurns ? 'on a later page' : 'no'
}
