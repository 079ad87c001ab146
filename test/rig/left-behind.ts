import type { Browser, CDPSession, Page } from '@playwright/test'

/** What a page holds, counted by the browser. Chromium only. */
export interface PageCounts {
  /** `Memory.getDOMCounters` after a garbage collection. */
  documents: number
  nodes: number
  jsEventListeners: number
  /** `DOMDebugger.getEventListeners`: how many on `window` and on `document`. */
  windowListeners: number
  documentListeners: number
  /** How many objects of a kind are alive on the heap (`Runtime.queryObjects`). */
  channels: number
  frames: number
  databases: number
  /** Web Locks that are held or waited for. */
  locks: number
}

/** Counts what a page holds. */
export async function countPage(page: Page): Promise<PageCounts> {
  const session = await page.context().newCDPSession(page)
  try {
    // Twice: what the first collection finalizes can let go of more.
    for (let round = 0; round < 2; round++) await session.send('HeapProfiler.collectGarbage')
    const { documents, nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
    return {
      documents,
      nodes,
      jsEventListeners,
      windowListeners: await countListeners(session, 'window'),
      documentListeners: await countListeners(session, 'document'),
      channels: await countObjects(session, 'BroadcastChannel.prototype'),
      frames: await countObjects(session, 'HTMLIFrameElement.prototype'),
      databases: await countObjects(session, 'IDBDatabase.prototype'),
      locks: await page.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query()
        return held.length + pending.length
      }),
    }
  } finally {
    await session.detach()
  }
}

async function find(session: CDPSession, expression: string): Promise<string> {
  const { result } = await session.send('Runtime.evaluate', { expression, objectGroup: 'counting' })
  return result.objectId!
}

async function countListeners(session: CDPSession, target: 'window' | 'document'): Promise<number> {
  const { listeners } = await session.send('DOMDebugger.getEventListeners', {
    objectId: await find(session, target),
  })
  await session.send('Runtime.releaseObjectGroup', { objectGroup: 'counting' })
  return listeners.length
}

async function countObjects(session: CDPSession, prototype: string): Promise<number> {
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: await find(session, prototype),
    objectGroup: 'counting',
  })
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId!,
    functionDeclaration: 'function () { return this.length }',
    returnByValue: true,
  })
  await session.send('Runtime.releaseObjectGroup', { objectGroup: 'counting' })
  return result.value as number
}

interface TraceEvent {
  name: string
  args: { data?: { timerId?: number; timeout?: number; singleShot?: boolean; frame?: string; url?: string } }
}

/** Runs work under tracing and lists the milliseconds of the timers that a page at `origin` has set and that still stand at the end. */
export async function listTimers(browser: Browser, page: Page, work: () => Promise<void>): Promise<number[]> {
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'],
  })
  let trace: Buffer
  try {
    await work()
  } finally {
    trace = await browser.stopTracing()
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const standing = new Map<string, number>()
  for (const { name, args } of traceEvents) {
    const { timerId, timeout = 0, singleShot, frame } = args.data ?? {}
    const timer = `${frame} ${timerId}`
    if (name === 'TimerInstall') standing.set(timer, singleShot ? timeout : -timeout)
    // A timer that fires once is gone then; an interval (kept as a negative number) stands.
    if (name === 'TimerRemove' || (name === 'TimerFire' && (standing.get(timer) ?? 0) >= 0))
      standing.delete(timer)
  }
  return [...standing.values()].map(Math.abs)
}
