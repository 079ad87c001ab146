import { describePayment, isPayment } from '../authorization-server/payment.js'
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
  const { audience, scope, subject, client, actors, details } = presented
  const rows: [name: string, value: string, mark?: string][] = [
    ['Audience', audience.replace(/^https:\/\//, '')],
    ['Scope', scope],
    ['Subject', subject],
    actors.length ? ['Actor', actors.join(', before that '), 'acting'] : ['Actor', 'nobody'],
    ['Client', client],
  ]
  for (const detail of details)
    rows.push(['Details', isPayment(detail) ? describePayment(detail) : detail.type, 'granted'])
  const list = rows.map(([name, value, mark]) =>
    element('div', mark ? { class: mark } : {}, element('dt', {}, name), element('dd', {}, value)),
  )
  return element(
    'li',
    { class: 'call' },
    element('p', {}, element('code', {}, `GET ${path}`), element('span', {}, tokenOrigins[by])),
    element('dl', {}, ...list),
  )
}

function drawReceiver({ to, checkedBy }: Call): HTMLElement {
  const how = checkedBy === 'signature' ? 'checked the signature' : 'asked the server about the token'
  return element('li', { class: 'party' }, element('strong', {}, nameParty(to)), element('span', {}, how))
}

/** Says what the last receiver can know of who is calling. */
function judge(call: Call | undefined): string {
  if (!call) return ''
  const { subject, actors, details } = call.presented
  const receiver = `The ${namesInText[call.to]} sees ${subject}`
  if (call.by === 'client credentials') return `${receiver} itself: no user is in it.`
  if (call.by === 'SAML assertion') return `${receiver}, whom the partner’s identity provider vouched for.`
  if (details.length) return `${receiver}, and makes no payment but the one in the details.`
  if (call.by === 'login') return `${receiver}, in the app where ${subject} logged in.`
  if (!actors.length) return `${receiver}. No actor says that it is the ${namesInText[call.from]} who calls.`
  return `${receiver}, and that ${actors[0]} acts for ${subject}.`
}

const tokenOrigins = {
  login: 'token of the login',
  'token exchange': 'token by exchange',
  'client credentials': 'token of its own',
  'SAML assertion': 'token for a SAML assertion',
}

const namesInText: Record<string, string> = {
  orders: 'orders API',
  payments: 'payments API',
  inventory: 'inventory API',
  partner: 'partner',
}

function nameParty(party: string): string {
  const name = namesInText[party]
  return name ? name.charAt(0).toUpperCase() + name.slice(1) : 'This app'
}
