export {
  watchSession,
  type SessionCheck,
  type WatchSessionOptions,
} from './add-ons/session-watch/watch-session.js'
