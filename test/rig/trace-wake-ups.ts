import type { Browser, Page } from '@playwright/test'

/** What Chromium's trace calls it when a page does something: a timer, a frame or an idle callback, a script, a request. */
const wakeUps = [
  'TimerFire',
  'FireAnimationFrame',
  'FireIdleCallback',
  'FunctionCall',
  'EvaluateScript',
  'XHRReadyStateChange',
  'ResourceSendRequest',
] as const

/** How often a page did something. */
export type WakeUps = Partial<Record<(typeof wakeUps)[number], number>>

interface TraceEvent {
  name: string
  args: { data?: { frame?: string; frameID?: string } }
}

/**
 * Counts what wakes pages up while the work lasts, as Chromium's own trace has it: from outside, so that nothing in the
 * page can hide from it. Gives the counts in the order of the pages.
 */
export async function traceWakeUps(
  browser: Browser,
  pages: Page[],
  work: () => Promise<void>,
): Promise<WakeUps[]> {
  const frames = await Promise.all(pages.map(frameOf))
  await browser.startTracing(undefined, { categories: ['-*', 'devtools.timeline'] })
  await work()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[]
  }
  return frames.map((frame) => {
    const counts: WakeUps = {}
    for (const { name, args } of traceEvents) {
      const kind = wakeUps.find((one) => one === name)
      if (kind && (args.data?.frame ?? args.data?.frameID) === frame) counts[kind] = (counts[kind] ?? 0) + 1
    }
    return counts
  })
}

async function frameOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  await session.detach()
  return frameTree.frame.id
}
