import { startDemo } from './start-demo.js'

// The listeners come first, so that a stop while things start ends them as well.
const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})

const demo = await startDemo()
console.log(`
  latchkey demo   ${demo.url}

  Any user name and any password log in. An app that you make by a quick start
  of docs/ can log in here too: /quick-start.env has its variables.
  Stop it with Ctrl+C.
`)

await stop
await demo.close()
process.exit(0)
