import type { Page } from '@playwright/test'

declare global {
  interface Window {
    /** Every message between this page and others, workers included, in both directions. */
    crossed: { out: unknown[]; in: unknown[] }
  }
}

/** Records every message that pages of a context exchange by a port, a worker or a channel, from their first script on. */
export async function recordMessages(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    window.crossed = { out: [], in: [] }
    const { crossed } = window
    for (const { prototype } of [MessagePort, Worker, BroadcastChannel] as { prototype: EventTarget }[]) {
      const target = prototype as MessagePort
      const { postMessage } = target
      target.postMessage = function (message: unknown, ...rest: []) {
        crossed.out.push(structuredClone(message))
        postMessage.call(this, message, ...rest)
      }
      const { set } = Object.getOwnPropertyDescriptor(prototype, 'onmessage')!
      Object.defineProperty(prototype, 'onmessage', {
        set(listener: (event: MessageEvent) => void) {
          set!.call(this, (event: MessageEvent) => {
            crossed.in.push(event.data)
            listener.call(this, event)
          })
        },
      })
    }
  })
}

/** Reads the recorded messages as text, and tells whether one of them held a key that can sign. */
export async function readMessages(page: Page): Promise<{ out: string; in: string; hasKey: boolean }> {
  return page.evaluate(() => {
    let hasKey = false
    const write = (messages: unknown[]) =>
      JSON.stringify(messages, (_, value: unknown) => {
        if (value instanceof CryptoKey || value instanceof Error) hasKey ||= value instanceof CryptoKey
        return value instanceof Error ? [value.message, value.stack, value.cause] : value
      })
    return { out: write(window.crossed.out), in: write(window.crossed.in), hasKey }
  })
}

/** Reads all strings of a page's own memory, which that of its workers is not part of (Chromium). */
export async function readHeap(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => void chunks.push(chunk))
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  return chunks.join('')
}
