import { parseArguments, type DemoCommand } from './arguments.mjs'
import { startDemo } from './start-demo.js'
import { startForServer } from './start-for-server.js'

// Added first, so that a signal during startup also stops everything.
const stop = new AbortController()
const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())

// start.mjs has checked the arguments. Another server may take minutes to answer: a signal does not wait for that.
const demo = await Promise.race([start(parseArguments(process.argv.slice(2))), stopped])
await stopped
await demo?.close()
process.exit(0)

async function start(command: DemoCommand): Promise<{ close(): Promise<void> } | undefined> {
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
    const { url, problems, close } = await startForServer(command, stop.signal)
    const findings = problems.map(({ id, found, fix = '' }) => `  ${id}: ${found}\n  → ${fix}\n\n`)
    console.log(`
  latchkey demo   ${url}

  It logs in at ${command.issuer} as the client ${command.clientId}.
  Press Ctrl+C to stop.
${findings.length ? `\n  The login will probably fail:\n\n${findings.join('')}` : ''}`)
    return { close }
  } catch (error) {
    if (stop.signal.aborted) return undefined
    console.error(`npm start: ${(error as Error).message}`)
    process.exit(1)
  }
}
