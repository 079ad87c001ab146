import type { Payment } from '../authorization-server/payment.js'
import { otherServer } from './config.js'
import { byId, element } from './element.js'
import { isAvailable } from './other-server.js'

/** The response of an API. */
export interface ApiAnswer {
  path: string
  status: number
  statusText: string
  /** How long it took, in milliseconds. */
  duration: number
  body: unknown
}

interface Money {
  amount: number
  currency: string
}

interface Order {
  id: string
  placedAt: string
  status: string
  items: { name: string; quantity: number }[]
  total: Money
}

interface Bill {
  id: string
  order: string
  status: string
  total: Money
}

interface Stock {
  name: string
  pieces: number
}

/** Shows the API's response: orders, bills, payments and stock as a list, anything else as raw JSON. */
export function showApiAnswer(answer: ApiAnswer | null): void {
  const place = byId('api-answer')
  if (!answer) {
    byId('api-status').textContent = suggestCall()
    return place.replaceChildren(element('p', { class: 'empty' }, 'No call yet.'))
  }
  const { path, status, statusText, duration, body } = answer
  byId('api-status').textContent = `GET ${path} → ${status} ${statusText} in ${Math.round(duration)} ms`
  const rows = describeRows(body)
  place.replaceChildren(rows ? element('ul', { class: 'orders' }, ...rows) : rawBody(body))
}

function suggestCall(): string {
  if (!otherServer) return 'Click “Call API” to get the user’s orders from the orders API.'
  if (isAvailable(otherServer, 'userinfo'))
    return 'Click “Userinfo” to get the user’s claims from the server.'
  if (isAvailable(otherServer, 'exchange'))
    return 'Click “Exchange” to get another token in return for the access token.'
  return 'At this server, there is nothing to call from here.'
}

function describeRows(body: unknown): HTMLElement[] | undefined {
  const { orders, bills, payable, stock } = Object(body) as {
    orders?: Order[]
    bills?: Bill[]
    payable?: Payment[]
    stock?: Stock[]
  }
  return (
    orders?.map(describeOrder) ??
    bills?.map(describeBill) ??
    payable?.map(describePayable) ??
    stock?.map(describeStock)
  )
}

function describeOrder({ id, placedAt, status, items, total }: Order): HTMLElement {
  const date = new Date(placedAt).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
  return describeRow(
    { title: id, tag: status, amount: formatMoney(total) },
    element('p', {}, items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ')),
    element('p', {}, element('time', { datetime: placedAt }, date)),
  )
}

function describeBill({ id, order, status, total }: Bill): HTMLElement {
  return describeRow(
    { title: id, tag: status, amount: formatMoney(total) },
    element('p', {}, `Order ${order}`),
  )
}

function describePayable({ creditorName, instructedAmount: { amount, currency } }: Payment): HTMLElement {
  return describeRow(
    { title: creditorName, tag: 'allowed', amount: formatMoney({ amount: Number(amount), currency }) },
    element('p', {}, 'This payment only'),
  )
}

function describeStock({ name, pieces }: Stock): HTMLElement {
  return describeRow({ title: name, amount: `${pieces} in stock` })
}

function describeRow(
  { title, tag, amount }: { title: string; tag?: string; amount: string },
  ...more: HTMLElement[]
): HTMLElement {
  const head = element('p', {}, element('strong', {}, title))
  if (tag) head.append(element('span', { class: 'tag', 'data-status': tag }, tag))
  return element('li', {}, head, element('p', { class: 'amount' }, amount), ...more)
}

function formatMoney({ amount, currency }: Money): string {
  return amount.toLocaleString(undefined, { style: 'currency', currency })
}

function rawBody(body: unknown): HTMLElement {
  return element(
    'pre',
    { tabindex: '0', role: 'region', 'aria-label': 'Response' },
    JSON.stringify(body, null, 2),
  )
}
