// Fetches, starts, tests and stops authorization servers that are not ours, and writes the matrix into docs/servers.md.
//
//   npm run test:servers                          each server whose toolchain is here
//   npm run test:servers -- keycloak              one server
//   npm run test:servers -- keycloak -g silently  with options of Playwright's; the matrix stays as it is
//   npm run test:servers -- keycloak --serve      starts it, and leaves it running until Ctrl+C

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './cache-folder.js'
import { django } from './django-oauth-toolkit/server.js'
import { hydra } from './hydra/server.js'
import { keycloak } from './keycloak/server.js'
import { readResults, writeResults } from './matrix.js'
import { readReport } from './read-report.js'
import { startServer } from './run-processes.js'
import { spring } from './spring-authorization-server/server.js'
import type { StartableServer } from './startable-server.js'

const servers = [keycloak, spring, hydra, django]
const root = fileURLToPath(new URL('../..', import.meta.url))

const { chosen, options, serve } = readArguments(process.argv.slice(2))
const failures: string[] = []

if (!serve && (await run('npm', ['run', 'build'])) !== 0) process.exit(1)
for (const server of chosen) {
  const reason = server.missing()
  if (reason) console.log(`\n${server.title}: skipped, ${reason}`)
  else if (!(await testServer(server))) failures.push(server.title)
}
if (failures.length) console.error(`\nfailed: ${failures.join(', ')}`)
process.exitCode = failures.length ? 1 : 0

/** Starts a server, tests it and stops it; says whether all tests passed. */
async function testServer(server: StartableServer): Promise<boolean> {
  console.log(`\n${server.title} ${server.version}: preparing`)
  const folder = cacheFolder(`${server.name}-${server.version}`)
  try {
    server.prepare(folder)
    console.log(`${server.title} ${server.version}: starting`)
    const running = await startServer(server, folder)
    try {
      if (serve) await waitForever(server)
      return await testRunning(server, folder)
    } finally {
      await running.stop()
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return false
  }
}

async function testRunning(server: StartableServer, folder: string): Promise<boolean> {
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const config = ['--config', 'test/servers/playwright.config.ts']
  const playwright = join(root, 'node_modules/@playwright/test/cli.js')
  const files = [`/${server.name}`]
  const code = await run(process.execPath, [playwright, 'test', ...config, ...files, ...options], {
    TEST_SERVERS_REPORT: report,
  })
  // Some of the tests say nothing about the others.
  if (options.length === 0) {
    const { title, version } = server
    const date = new Date().toISOString().slice(0, 10)
    await writeResults({ ...readResults(), [server.name]: { title, version, date, ...readReport(report) } })
  }
  return code === 0
}

async function waitForever({ title }: StartableServer): Promise<never> {
  console.log(`${title} is running; Ctrl+C stops it`)
  setInterval(() => {}, 1_000_000)
  return new Promise(() => {})
}

/** Reads which servers are meant, by the first letters of their names, and what is for Playwright. */
function readArguments(given: string[]): { chosen: StartableServer[]; options: string[]; serve: boolean } {
  const first = given.findIndex((one) => one.startsWith('-'))
  const [names, rest] = first < 0 ? [given, []] : [given.slice(0, first), given.slice(first)]
  const unknown = names.find((name) => !servers.some((server) => server.name.startsWith(name)))
  if (unknown) {
    console.error(`no server "${unknown}": ${servers.map(({ name }) => name).join(', ')}`)
    process.exit(1)
  }
  const chosen = servers.filter(({ name }) => names.some((start) => name.startsWith(start)))
  const options = rest.filter((one) => one !== '--serve')
  return { chosen: names.length ? chosen : servers, options, serve: options.length < rest.length }
}

async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  // A signal that stops the server ends this process, and its tests with it.
  const end = () => void child.kill()
  process.once('exit', end)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('exit', end)
  return code ?? 1
}
