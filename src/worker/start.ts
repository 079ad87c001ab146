// Serves vaults in the worker that imports it. Does nothing in Node.
import { serveVaults } from '../add-ons/worker/serve-vaults.js'

if ('addEventListener' in globalThis) serveVaults(globalThis)
