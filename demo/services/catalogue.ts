/** The articles of the demo's hardware shop: the price in euros, and the number of pieces in stock. */
export const catalogue = [
  { name: 'Rim lock, polished brass', price: 84, pieces: 9 },
  { name: 'Key blank, five pins', price: 2.4, pieces: 412 },
  { name: 'Strike plate, long', price: 11.9, pieces: 57 },
  { name: 'Sash lock, 65 mm backset', price: 39.5, pieces: 4 },
  { name: 'Door viewer, 200 degrees', price: 14.2, pieces: 31 },
  { name: 'Graphite lubricant, 50 ml', price: 6.75, pieces: 11 },
  { name: 'Escutcheon pair, satin', price: 18.6, pieces: 22 },
]
