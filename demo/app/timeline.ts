import { byId, element } from './element.js'

/** What a line of the timeline is about: the session, a call of this page, latchkey's own work, or a failure. */
export type EntryKind = 'state' | 'call' | 'event' | 'failure'

const limit = 40

/** Adds a line on top of the timeline; what a button did is read out as well, states are by the status line. */
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
