// Serves vaults in the worker that imports it.
import { serveVaults } from '../add-ons/worker/serve-vaults.js'

serveVaults(globalThis)
