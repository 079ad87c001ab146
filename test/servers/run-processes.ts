import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ServerProcess, StartableServer } from './startable-server.js'

/** A server starts within this time, in milliseconds. */
const patience = 600_000
/** A process that was asked to stop is stopped by force after this time, in milliseconds. */
const grace = 20_000

/** A server whose processes run. */
export interface RunningServer {
  /** Stops what was started here. */
  stop(): Promise<void>
}

/**
 * Starts a server and waits until it is ready. A process whose URL already responds is left alone. A signal stops what was started
 * here, even while it is still starting.
 */
export async function startServer(server: StartableServer, folder: string): Promise<RunningServer> {
  const started: ChildProcess[] = []
  const stopOnSignal = () => void stop().finally(() => process.exit(1))
  process.once('SIGINT', stopOnSignal).once('SIGTERM', stopOnSignal)
  const stop = async () => {
    process.off('SIGINT', stopOnSignal).off('SIGTERM', stopOnSignal)
    for (const child of started.reverse()) await stopProcess(child)
  }
  try {
    for (const [index, one] of server.processes(folder).entries()) {
      if (await answers(one.readyAt)) continue
      const log = join(folder, `process-${index}.log`)
      const child = startProcess(one, log)
      started.push(child)
      await waitUntilReady(child, one, log)
    }
    await server.configure?.()
    return { stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startProcess({ command, args, cwd, env }: ServerProcess, log: string): ChildProcess {
  const output = openSync(log, 'w')
  return spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    // A group of its own: scripts that start a server do not pass signals on at every moment.
    detached: true,
  })
}

async function waitUntilReady(child: ChildProcess, { readyAt }: ServerProcess, log: string): Promise<void> {
  let failure: unknown
  child.once('error', (error) => (failure = error))
  const end = Date.now() + patience
  while (!(await answers(readyAt))) {
    if (failure) throw failure
    if (child.exitCode !== null || Date.now() > end)
      throw new Error(`the server is not ready:\n${readFileSync(log, 'utf8').slice(-3000)}`)
    await setTimeout(250)
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
  return response?.ok ?? false
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const group = -child.pid
  const ended = once(child, 'exit')
  process.kill(group, 'SIGTERM')
  const force = new AbortController()
  setTimeout(grace, undefined, { signal: force.signal }).then(
    () => process.kill(group, 'SIGKILL'),
    () => {},
  )
  await ended
  force.abort()
}
