import { listOrders } from './order-book.js'

/** A parcel of the demo's hardware shop. */
export interface Parcel {
  id: string
  order: string
  status: 'on its way' | 'delivered'
}

/** Lists the parcels of one user: one for each order that was shipped. */
export function listParcels(subject: string): Parcel[] {
  return listOrders(subject)
    .filter(({ status }) => status !== 'processing')
    .map(({ id, status }) => ({
      id: id.replace('LK-', 'P-'),
      order: id,
      status: status === 'shipped' ? 'on its way' : 'delivered',
    }))
}
