import { byId, element } from './element.js'

/** The kind of a timeline entry: a session state, a call by this page, an event of latchkey, or an error. */
export type EntryKind = 'state' | 'call' | 'event' | 'failure'

const limit = 40

/** Adds an entry at the top of the timeline. Announces calls and events to screen readers; the status line announces states. */
export function addEntry(kind: EntryKind, title: string, detail = ''): void {
  const now = new Date()
  const time = now.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const line = element('li', { 'data-kind': kind }, element('time', { datetime: now.toISOString() }, time))
  const words = element('p', {}, element('strong', {}, title))
  if (detail) words.append(element('span', {}, detail))
  line.append(words)
  const list = byId('timeline')
  list.prepend(line)
  if (kind === 'call' || kind === 'event') byId('announcement').textContent = `${title}: ${detail}`
  while (list.childElementCount > limit) list.lastElementChild?.remove()
}
