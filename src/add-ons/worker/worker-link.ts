import { AuthError } from '../../base/errors.js'
import { decodeFailure } from './failure.js'
import { messageVersion, type Opening, type PageMessage, type WorkerMessage } from './messages.js'

/** A worker, and the calls that it has not answered yet. */
export interface WorkerLink {
  /** Resolves when the worker has answered. Rejects with `vault_unavailable` if it cannot be loaded. */
  ready: Promise<void>
  pending: Map<number, PendingCall>
  send(message: PageMessage): void
  /** Tells whether anything has arrived since the last time it was asked. */
  takeHeard(): boolean
  /** Rejects the calls of a worker that is silent, and may be busy. */
  reject(error: AuthError): void
  /** Gives the worker up as well. */
  end(error: AuthError): void
}

interface PendingCall {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Opens a link to a worker over a port of its own, so that no script that comes later can listen.
 *
 * @param onEnd called when the worker has been given up: it failed to load, has crashed, or is of another version
 */
export function openWorkerLink(
  worker: SharedWorker | Worker,
  opening: Omit<Opening, 'latchkey'>,
  ended: AbortSignal,
  onEnd: () => void,
): WorkerLink {
  const { port1: port, port2 } = new MessageChannel()
  const pending: WorkerLink['pending'] = new Map()
  let loading!: PendingCall
  const ready = new Promise<void>((resolve, reject) => {
    loading = { resolve: () => resolve(), reject }
  })
  let isHeard = false
  let isEnded = false

  const close = () => {
    port.close()
    if ('terminate' in worker) worker.terminate()
  }
  const reject = (error: AuthError) => {
    for (const call of pending.values()) call.reject(error)
    pending.clear()
  }
  const end = (error: AuthError) => {
    if (isEnded) return
    isEnded = true
    worker.onerror = null
    ended.removeEventListener('abort', close)
    close()
    onEnd()
    loading.reject(error)
    reject(error)
  }
  const fail = () =>
    end(
      new AuthError(
        'vault_unavailable',
        'the worker could not be loaded, or has crashed: check its URL, its content type and CSP "worker-src"',
      ),
    )
  const receive = (message: WorkerMessage) => {
    if (message === 'alive') return
    if (message === 'ready') {
      // A later error is one of other code in the worker.
      worker.onerror = null
      return loading.resolve(undefined)
    }
    if (message === 'wrong version')
      return end(
        new AuthError(
          'vault_unavailable',
          'the worker runs another version of latchkey: close all tabs of the app that still use it',
        ),
      )
    // Not a message of ours: other code in the worker cannot post here, but a broken worker can.
    if (Object(message) !== message) return
    const call = pending.get(message.id)
    pending.delete(message.id)
    if ('failure' in message) call?.reject(decodeFailure(message.failure))
    else call?.resolve(message.value)
  }

  worker.onerror = fail
  port.onmessage = ({ data }) => {
    isHeard = true
    receive(data)
  }
  // Not in every browser. Without it, the worker leaves the next pings unanswered.
  port.addEventListener('close', fail)
  ended.addEventListener('abort', close)
  const message: Opening = { ...opening, latchkey: messageVersion }
  const target = 'port' in worker ? worker.port : worker
  target.postMessage(message, [port2])
  return {
    ready,
    pending,
    send: (call) => port.postMessage(call),
    takeHeard() {
      const wasHeard = isHeard
      isHeard = false
      return wasHeard
    },
    reject,
    end,
  }
}
