export {
  readInitiatedLogin,
  type InitiatedLogin,
  type InitiatedLoginOptions,
} from './add-ons/initiated-login/read-initiated-login.js'
