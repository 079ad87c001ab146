import { catalogue } from './catalogue.js'

/** One order of the demo's hardware shop. */
export interface Order {
  id: string
  placedAt: string
  status: 'processing' | 'shipped' | 'delivered'
  items: { name: string; quantity: number }[]
  total: { amount: number; currency: 'EUR' }
}

const statuses = ['processing', 'shipped', 'delivered', 'delivered'] as const

/** Lists the orders of one user: always the same, newest first. */
export function listOrders(subject: string): Order[] {
  const next = createSequence(subject)
  const day = 86_400_000
  let placed = Date.UTC(2026, 8, 28, 9, 12) - next(3) * day
  return statuses.map((status) => {
    placed -= (2 + next(9)) * day + next(600) * 60_000
    const first = next(catalogue.length)
    const chosen = [first, first + 1 + next(catalogue.length - 1)].slice(0, 1 + next(2)).map((index) => ({
      ...catalogue[index % catalogue.length]!,
      quantity: 1 + next(3),
    }))
    const cents = chosen.reduce((sum, { price, quantity }) => sum + Math.round(price * 100) * quantity, 0)
    return {
      id: `LK-${10_000 + next(90_000)}`,
      placedAt: new Date(placed).toISOString(),
      status,
      items: chosen.map(({ name, quantity }) => ({ name, quantity })),
      total: { amount: cents / 100, currency: 'EUR' },
    }
  })
}

/** Creates a linear congruential generator of integers below a bound: the same sequence for the same seed. */
function createSequence(seed: string): (bound: number) => number {
  let value = [...seed].reduce((hash, character) => (hash * 31 + character.codePointAt(0)!) >>> 0, 7)
  return (bound) => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((value / 2 ** 32) * bound)
  }
}
