import { byId, element } from './element.js'

/** What the API answered. */
export interface ApiAnswer {
  path: string
  status: number
  statusText: string
  /** How long it took, in milliseconds. */
  duration: number
  body: unknown
}

interface Order {
  id: string
  placedAt: string
  status: string
  items: { name: string; quantity: number }[]
  total: { amount: number; currency: string }
}

/** Shows the API's answer: the orders as a list, anything else as it came. */
export function showApiAnswer(answer: ApiAnswer | null): void {
  const place = byId('api-answer')
  if (!answer) {
    byId('api-status').textContent = 'Call API asks the resource server for the user’s orders.'
    return place.replaceChildren(element('p', { class: 'empty' }, 'No call yet.'))
  }
  const { path, status, statusText, duration, body } = answer
  byId('api-status').textContent = `GET ${path} → ${status} ${statusText} in ${Math.round(duration)} ms`
  place.replaceChildren(hasOrders(body) ? listOrders(body.orders) : rawBody(body))
}

function listOrders(orders: Order[]): HTMLElement {
  return element('ul', { class: 'orders' }, ...orders.map(describeOrder))
}

function describeOrder({ id, placedAt, status, items, total }: Order): HTMLElement {
  const date = new Date(placedAt).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
  const amount = total.amount.toLocaleString(undefined, { style: 'currency', currency: total.currency })
  return element(
    'li',
    {},
    element(
      'p',
      {},
      element('strong', {}, id),
      element('span', { class: 'tag', 'data-status': status }, status),
    ),
    element('p', { class: 'amount' }, amount),
    element('p', {}, items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ')),
    element('p', {}, element('time', { datetime: placedAt }, date)),
  )
}

function rawBody(body: unknown): HTMLElement {
  return element(
    'pre',
    { tabindex: '0', role: 'region', 'aria-label': 'Answer' },
    JSON.stringify(body, null, 2),
  )
}

function hasOrders(body: unknown): body is { orders: Order[] } {
  return typeof body === 'object' && body !== null && 'orders' in body && Array.isArray(body.orders)
}
