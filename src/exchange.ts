export { exchangeToken, type ExchangeOptions } from './session/exchange.js'
export type { ExchangedToken, ExchangeRequest, TokenType, TokenTypeName } from './protocol/token-exchange.js'
export type { Actor } from './protocol/actors.js'
