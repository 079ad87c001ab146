export { logoutWhenIdle, type IdleOptions, type IdleWarning } from './add-ons/idle/logout-when-idle.js'
export {
  onSessionEnding,
  type SessionEnding,
  type SessionEndingOptions,
} from './add-ons/idle/session-ending.js'
