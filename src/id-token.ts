export { getIdToken, type IdTokenOptions } from './add-ons/id-token/get-id-token.js'
