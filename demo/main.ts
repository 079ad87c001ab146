import { parseArguments, type DemoCommand } from './arguments.mjs'
import { startDemo } from './start-demo.js'
import { startForServer } from './start-for-server.js'

// Added first, so that a signal during startup also stops everything.
const stop = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})

// start.mjs has checked the arguments.
const demo = await start(parseArguments(process.argv.slice(2)))
await stop
await demo.close()
process.exit(0)

async function start(command: DemoCommand): Promise<{ close(): Promise<void> }> {
  if (command.kind !== 'other-server') {
    const ownDemo = await startDemo()
    console.log(`
  latchkey demo   ${ownDemo.url}

  Log in with any user name and any password. An app that you build from a
  quick start in docs/ can log in here too: /quick-start.env has its variables.
  Press Ctrl+C to stop.
`)
    return ownDemo
  }
  try {
    const { url, problems, close } = await startForServer(command)
    const findings = problems.map(({ id, found, fix = '' }) => `  ${id}: ${found}\n  → ${fix}\n\n`)
    console.log(`
  latchkey demo   ${url}

  It logs in at ${command.issuer} as the client ${command.clientId}.
  Press Ctrl+C to stop.
${findings.length ? `\n  The login will probably fail:\n\n${findings.join('')}` : ''}`)
    return { close }
  } catch (error) {
    console.error(`npm start: ${(error as Error).message}`)
    process.exit(1)
  }
}
