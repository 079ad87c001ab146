import type { Call } from '../services/call.js'
import { byId, element } from './element.js'

/** A chain of calls, one caused by the other. */
export interface Lane {
  title: string
  calls: Call[]
}

/** Draws who called whom, a column for each chain; without chains the picture is empty. */
export function showCalls(lanes: Lane[]): void {
  const empty = element('p', { class: 'empty' }, 'Call an API, and its picture stands here.')
  byId('lanes').replaceChildren(...(lanes.length ? lanes.map(drawLane) : [empty]))
}

function drawLane({ title, calls }: Lane): HTMLElement {
  const [first] = calls
  const start = element('li', { class: 'party' }, element('strong', {}, nameParty(first?.from ?? '')))
  const steps = calls.flatMap((call) => [drawCall(call), drawReceiver(call)])
  return element(
    'section',
    { class: 'lane' },
    element('h3', {}, title),
    element('ol', {}, start, ...steps),
    element('p', { class: 'verdict' }, judge(calls.at(-1))),
  )
}

function drawCall({ path, by, presented }: Call): HTMLElement {
  const { audience, scope, subject, client, actors } = presented
  const rows = [
    ['Audience', audience.replace(/^https:\/\//, '')],
    ['Scope', scope],
    ['Subject', subject],
    ['Actor', actors.join(', before that ') || 'nobody'],
    ['Client', client],
  ].map(([name, value]) =>
    element(
      'div',
      name === 'Actor' && actors.length ? { class: 'acting' } : {},
      element('dt', {}, name!),
      element('dd', {}, value!),
    ),
  )
  return element(
    'li',
    { class: 'call' },
    element('p', {}, element('code', {}, `GET ${path}`), element('span', {}, tokenOrigins[by])),
    element('dl', {}, ...rows),
  )
}

function drawReceiver({ to, checkedBy }: Call): HTMLElement {
  const how = checkedBy === 'signature' ? 'checked the signature' : 'asked the server about the token'
  return element('li', { class: 'party' }, element('strong', {}, nameParty(to)), element('span', {}, how))
}

/** Says what the last receiver can know of who is calling. */
function judge(call: Call | undefined): string {
  if (!call) return ''
  const { presented, by, from } = call
  const { subject, actors } = presented
  const receiver = nameParty(call.to)
  if (by === 'client credentials') return `${receiver} sees ${subject} itself: no user is in it.`
  if (by === 'login') return `${receiver} sees ${subject}, in the app where ${subject} logged in.`
  if (!actors.length)
    return `${receiver} sees ${subject}. No actor says that it is ${nameParty(from)} who calls.`
  return `${receiver} sees ${subject}, and that ${actors[0]} acts for ${subject}.`
}

const tokenOrigins = {
  login: 'token of the login',
  'token exchange': 'token by exchange',
  'client credentials': 'token of its own',
}

function nameParty(party: string): string {
  return (
    { 'demo-app': 'This app', orders: 'Orders API', payments: 'Payments API', inventory: 'Inventory API' }[
      party
    ] ?? party
  )
}
