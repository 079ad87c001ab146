import { wait } from '../../base/abort.js'
import { AuthError } from '../../base/errors.js'
import type { Vault } from '../../vault/vault.js'
import type { Opening } from './messages.js'
import { openWorkerLink, type WorkerLink } from './worker-link.js'

/** How long the worker may be silent, in turns of `turn` milliseconds: 3.6 s in total. */
const maxTurns = 3
/**
 * Turns are counted, not measured: a page that is busy or was suspended is late itself, and receives what has arrived meanwhile before
 * the next turn ends.
 */
const turn = 1200
/**
 * How long to leave a silent worker alone, in milliseconds, so that what a call still has to do after a failure does not wait for the
 * same worker again.
 */
const pause = 1000
/** How long a worker's file may load before another worker is created, in milliseconds. */
const patience = 7000
/** How many times in a row calls must fail before a worker that had responded is given up with its session: it may only be busy. */
const maxStrikes = 2

/** Calls the vault in a worker. */
export interface VaultConnection {
  /** Calls a method. Rejects with `vault_unavailable` within 5 s if the worker does not respond. The next call tries again. */
  call(method: keyof Vault, parameters: unknown[]): Promise<any>
}

/** What a connection needs from its vault. */
export interface ConnectionParts {
  createWorker(): SharedWorker | Worker
  buildOpening(): Omit<Opening, 'latchkey'>
  /** Closes the connection. */
  ended: AbortSignal
  /** Called when the worker has responded after a call had given up. */
  onNews(): void
}

/** Creates the connection of one client to its vault. The first call creates the worker. */
export function createConnection(parts: ConnectionParts): VaultConnection {
  const { createWorker, buildOpening, ended, onNews } = parts
  let link: WorkerLink | undefined
  let watched: WorkerLink | undefined
  let lastId = 0
  let openedAt = 0
  let silentUntil = 0
  let strikes = 0

  const open = (): WorkerLink => {
    openedAt = performance.now()
    strikes = 0
    try {
      return openWorkerLink(createWorker(), buildOpening(), ended, () => (link = undefined))
    } catch (error) {
      throw new AuthError(
        'vault_unavailable',
        `the worker could not be created (${error}): check the function given to workerVault()`,
      )
    }
  }

  /** Waits until the worker has answered, up to a limit. A file that loads slowly gets more time at the next call. */
  const connect = async (): Promise<WorkerLink> => {
    if (performance.now() < silentUntil) throw buildSilent()
    const current = (link ??= open())
    const settled = new AbortController()
    const settle = () => settled.abort()
    current.ready.then(settle, settle)
    for (let turns = maxTurns; turns && !settled.signal.aborted; turns--) await wait(turn, settled.signal)
    if (settled.signal.aborted) {
      await current.ready
      return current
    }
    silentUntil = performance.now() + pause
    if (performance.now() - openedAt > patience) current.end(buildSilent())
    else current.ready.then(onNews, () => {})
    throw buildSilent()
  }

  /** Asks the worker for a sign of life while it has calls to answer that take longer than a turn. */
  const watch = async (current: WorkerLink) => {
    if (watched === current) return
    watched = current
    // It may have answered after its calls were rejected.
    if (current.takeHeard()) strikes = 0
    for (let silent = 0; current.pending.size && !ended.aborted;) {
      await wait(turn, ended)
      const isHeard = current.takeHeard()
      silent = isHeard ? 0 : silent + 1
      if (isHeard) strikes = 0
      if (silent < maxTurns) {
        if (current.pending.size) current.send('ping')
        continue
      }
      silentUntil = performance.now() + pause
      strikes++
      if (strikes < maxStrikes) current.reject(buildSilent())
      else current.end(buildSilent())
    }
    if (watched === current) watched = undefined
  }

  return {
    async call(method, parameters) {
      const current = await connect()
      return new Promise((resolve, reject) => {
        const id = ++lastId
        current.pending.set(id, { resolve, reject })
        current.send({ id, method, parameters })
        void watch(current)
      })
    },
  }
}

function buildSilent(): AuthError {
  return new AuthError(
    'vault_unavailable',
    'the worker does not respond: check that its file loads and runs, then try again',
  )
}
