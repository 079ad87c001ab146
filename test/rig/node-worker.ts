import { createRemoteVault } from '../../src/add-ons/worker/remote-vault.js'
import { serveVaults } from '../../src/add-ons/worker/serve-vaults.js'
import type { Config } from '../../src/session/config.js'
import type { RemoteVault } from '../../src/vault/session-repository.js'
import type { SessionView } from '../../src/vault/vault.js'

/** The code of a worker in this thread, which pages reach over real ports. */
export interface NodeWorker {
  /** What `new SharedWorker()` would return. */
  connect(): SharedWorker
  /** Everything that went through the ports, as each side received it. */
  received: { page: unknown[]; worker: unknown[] }
  /** Closes all ports, as a crash does. */
  crash(): void
  /** Answers nothing from now on. */
  hang(): void
}

/** Starts a worker. Without `serves`, its script did not run: it never answers. */
export function startNodeWorker({ serves = true } = {}): NodeWorker {
  const received: NodeWorker['received'] = { page: [], worker: [] }
  const ports: MessagePort[] = []
  let isHanging = false
  let onConnect: (event: MessageEvent) => void = () => {}
  const scope: Parameters<typeof serveVaults>[0] = {
    addEventListener(type, listener) {
      if (type === 'connect') onConnect = listener
    },
  }
  if (serves) serveVaults(scope)

  /** Puts a tap between the port of the page and the one that the worker gets. */
  const tap = (ofPage: MessagePort): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    ofPage.onmessage = ({ data }) => {
      received.worker.push(data)
      if (!isHanging) port1.postMessage(data)
    }
    port1.onmessage = ({ data }) => {
      received.page.push(data)
      if (!isHanging) ofPage.postMessage(data)
    }
    ports.push(ofPage, port1)
    return port2
  }
  return {
    received,
    connect() {
      // The worker reads its messages from the port that it is given at `connect`.
      const entry: Partial<MessagePort> = {}
      onConnect({ ports: [entry] } as unknown as MessageEvent)
      const port = {
        postMessage(data: unknown, [ofPage]: MessagePort[]) {
          received.worker.push(structuredClone(data))
          const event = { data: structuredClone(data), ports: [tap(ofPage!)] } as unknown as MessageEvent
          entry.onmessage?.call(entry as MessagePort, event)
        },
      }
      return { port, onerror: null } as unknown as SharedWorker
    },
    crash: () => ports.forEach((port) => port.close()),
    hang: () => void (isHanging = true),
  }
}

/** Opens a page's vault in a worker. `view` is the session as the page knows it. */
export function openRemoteVault(
  connect: () => SharedWorker,
  config: Config,
  ended: AbortSignal,
  view: () => SessionView = () => ({ generation: -1, session: null }),
): RemoteVault {
  const page = { ended: AbortSignal.any([ended]), getView: view, onNews() {} }
  return createRemoteVault(connect, config, page)
}
