import { describePayment, isPayment } from '../authorization-server/payment.js'
import type { Call } from '../services/call.js'
import { byId, element } from './element.js'

/** A chain of calls, each triggered by the one before. */
export interface Lane {
  title: string
  calls: Call[]
}

/** Draws who called whom, with one column per chain. */
export function showCalls(lanes: Lane[]): void {
  const empty = element('p', { class: 'empty' }, 'Call an API to see its call chain here.')
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
    actors.length ? ['Actor', actors.join(', previously '), 'acting'] : ['Actor', 'none'],
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
  const how = checkedBy === 'signature' ? 'verified the signature' : 'introspected the token at the server'
  return element('li', { class: 'party' }, element('strong', {}, nameParty(to)), element('span', {}, how))
}

/** Describes what the last receiver knows about the caller. */
function judge(call: Call | undefined): string {
  if (!call) return ''
  const { subject, actors, details } = call.presented
  const receiver = `The ${namesInText[call.to]} sees ${subject}`
  if (call.by === 'client credentials') return `${receiver} itself. No user is involved.`
  if (call.by === 'SAML assertion' || call.by === 'JWT bearer')
    return `${receiver}, vouched for by the partner’s identity provider.`
  if (details.length) return `${receiver}, and accepts only the payment in the details.`
  if (call.by === 'login') return `${receiver}, using the app that ${subject} logged in to.`
  if (!actors.length) return `${receiver}. Nothing shows that the ${namesInText[call.from]} is calling.`
  return `${receiver}, and that ${actors[0]} acts for ${subject}.`
}

const tokenOrigins = {
  login: 'token from the login',
  'token exchange': 'token from an exchange',
  'client credentials': 'its own token',
  'SAML assertion': 'token from a SAML assertion',
  'JWT bearer': 'token from a JWT of the partner',
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
