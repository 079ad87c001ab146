export { LoginButton } from './element/login-button.js'
export type { LoginButtonEventMap } from './element/login-button.js'
