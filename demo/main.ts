import { buildVariables } from './quick-starts.js'
import { readerOrigins, startDemo } from './start-demo.js'

// The listeners come first, so that a stop while things start ends them as well.
const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})

const demo = await startDemo()
const variables = Object.entries(buildVariables(demo.quickStart))
console.log(`
  latchkey demo   ${demo.url}

  It logs in at ${demo.issuer} (any user name, any password) and calls the orders API
  at ${demo.services.orders} and the payments API at ${demo.services.payments}. The orders API calls the
  inventory at ${demo.services.inventory}; a partner, at ${demo.services.partner}, calls the orders API.

  An app that you make by a quick start of docs/ logs in here too, from
  ${readerOrigins.join(', ')}. Its file .env:

${variables.map(([name, value]) => `    ${name}=${value}`).join('\n')}

  Stop it with Ctrl+C.
`)

await stop
await demo.close()
process.exit(0)
