import { listOrders } from './order-book.js'

/** A bill that a user has paid or has to pay. */
export interface Bill {
  id: string
  order: string
  status: 'paid' | 'open'
  total: { amount: number; currency: 'EUR' }
}

/** Lists the bills of one user, one per order. */
export function listBills(subject: string): Bill[] {
  return listOrders(subject).map(({ id, status, total }) => ({
    id: id.replace('LK-', 'B-'),
    order: id,
    status: status === 'processing' ? 'open' : 'paid',
    total,
  }))
}
