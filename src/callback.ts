// The callback page's script. It runs before anything else is known: no import of it stays in the built file.
import { relayResponse } from './browser/messages/response-relay.js'

const show = () => document.querySelector('[hidden]')?.removeAttribute('hidden')
if (!relayResponse(show)) show()
