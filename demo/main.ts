import { startDemo } from './start-demo.js'

// Added first, so that a signal during startup also stops everything.
const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})

const demo = await startDemo()
console.log(`
  latchkey demo   ${demo.url}

  Log in with any user name and any password. An app that you build from a
  quick start in docs/ can log in here too: /quick-start.env has its variables.
  Press Ctrl+C to stop.
`)

await stop
await demo.close()
process.exit(0)
