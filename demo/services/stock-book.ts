import { catalogue } from './catalogue.js'

/** The number of pieces of an article in stock. */
export interface Stock {
  name: string
  pieces: number
}

/** Stock below this number is low. */
const few = 12

/** Lists the stock. */
export function listStock(): Stock[] {
  return catalogue.map(({ name, pieces }) => ({ name, pieces }))
}

/** Lists the articles to reorder. */
export function listLowStock(): Stock[] {
  return listStock().filter(({ pieces }) => pieces < few)
}
