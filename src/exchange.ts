export { exchangeToken, type ExchangeOptions } from './add-ons/exchange/exchange-token.js'
export type {
  ExchangedToken,
  ExchangeRequest,
  TokenType,
  TokenTypeName,
} from './add-ons/exchange/token-exchange.js'
export type { Actor } from './add-ons/exchange/actors.js'
