import { catalogue } from './catalogue.js'

/** How many pieces of an article lie on the shelf. */
export interface Stock {
  name: string
  pieces: number
}

/** How few pieces are few. */
const few = 12

/** Lists what lies on the shelves. */
export function listStock(): Stock[] {
  return catalogue.map(({ name, pieces }) => ({ name, pieces }))
}

/** Lists what has to be ordered again. */
export function listLowStock(): Stock[] {
  return listStock().filter(({ pieces }) => pieces < few)
}
