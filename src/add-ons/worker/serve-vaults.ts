import type { Vault } from '../../vault/vault.js'
import { encodeFailure } from './failure.js'
import {
  messageVersion,
  type Opening,
  type PageMessage,
  type VaultCall,
  type WorkerMessage,
} from './messages.js'
import { openVault, type OpenVault } from './open-vault.js'

/** The global scope of a worker, as far as it is used here: a `SharedWorker` has `connect`, and a `Worker` has `message`. */
interface WorkerScope {
  addEventListener(type: 'connect' | 'message', listener: (event: MessageEvent) => void): void
}

/** Serves vaults to the pages of this worker. All pages with the same options share one. */
export function serveVaults(scope: WorkerScope): void {
  const vaults = new Map<string, OpenVault>()

  const open = async ({ data, ports: [port] }: MessageEvent<Partial<Opening> | undefined>) => {
    // Messages of other code in the same worker.
    if (!port || !data?.latchkey) return
    const { options, lastLogout, view } = data as Opening
    const isComplete = typeof options?.issuer === 'string' && typeof options.clientId === 'string'
    if (data.latchkey !== messageVersion || !isComplete) return send(port, 'wrong version')
    // By all options: with other endpoints under the same issuer, a script in the page could have the refresh token sent to itself.
    const name = JSON.stringify(options)
    const opened = vaults.get(name) ?? openVault(JSON.parse(name))
    vaults.set(name, opened)
    const { vault } = opened
    await vault.load(lastLogout)
    // A view that cannot be stored is not a session.
    if (view) await opened.restore(view).catch(() => {})
    port.onmessage = (event) => void answer(vault, port, event.data)
    send(port, 'ready')
  }

  const receive = (event: MessageEvent) => void open(event)
  scope.addEventListener('message', receive)
  scope.addEventListener('connect', ({ ports: [port] }) => {
    port!.onmessage = receive
  })
}

async function answer(vault: Vault, port: MessagePort, message: PageMessage): Promise<void> {
  if (message === 'ping') return send(port, 'alive')
  const { id, method, parameters } = Object(message) as VaultCall
  try {
    // Only the methods of the vault, and nothing that every object has.
    const call = Object.hasOwn(vault, method) && (vault[method] as (...all: unknown[]) => unknown)
    if (!call) throw new TypeError('unknown method')
    send(port, { id, value: await call(...parameters) })
  } catch (error) {
    send(port, { id, failure: encodeFailure(error) })
  }
}

function send(port: MessagePort, message: WorkerMessage): void {
  port.postMessage(message)
}
