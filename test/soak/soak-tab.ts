import { setTimeout as wait } from 'node:timers/promises'
import type { Devtools, Target } from './devtools.js'
import type { IncidentKind } from './plan.js'
import type { Incident } from './record.js'

/** What a tab reports of itself; `at` in milliseconds since 1970. */
export type TabReport = { at: number } & (
  | { type: 'state'; clientId: string; status: string; reason?: string }
  | { type: 'error'; clientId: string; code: string }
  | { type: 'store_failed'; clientId: string }
  | { type: 'tokens'; count: number }
)

/** How long a tab may take to be back after something has happened to it, in milliseconds. */
const patience = 30_000

/** A tab to which things happen. */
export interface SoakTab {
  name: string
  /** Whether something is happening to it, or a login runs in it. */
  isBusy: boolean
  evaluate<T>(expression: string): Promise<T>
  findPopup(): Promise<Target | undefined>
  /** Has something happen to the tab, and brings it back. */
  suffer(kind: IncidentKind, lasts: number): Promise<void>
}

/** Opens a tab of the app. `isStoreFree` asks another tab. */
export async function openSoakTab(
  devtools: Devtools,
  contextId: string,
  { name, url }: { name: string; url: string },
  incidents: Incident[],
  onReport: (report: TabReport) => void,
  isStoreFree: () => Promise<boolean>,
): Promise<SoakTab> {
  let onLoad = () => {}
  const open = async () => {
    const opened = await devtools.open(contextId, (method, parameters) => {
      if (method === 'Page.loadEventFired') onLoad()
      if (method === 'Runtime.bindingCalled')
        onReport(JSON.parse((parameters as { payload: string }).payload) as TabReport)
    })
    for (const domain of ['Runtime', 'Page', 'Network', 'Inspector']) await opened.send(`${domain}.enable`)
    await opened.send('Runtime.addBinding', { name: 'report' })
    await untilLoaded(() => opened.send('Page.navigate', { url }))
    return opened
  }
  const untilLoaded = async (call: () => Promise<unknown>) => {
    const loaded = new Promise<void>((resolve) => (onLoad = resolve))
    await call()
    await loaded
  }
  let target = await open()

  const note = (kind: IncidentKind, lasts = 0) => {
    const incident: Incident = { tab: name, kind, at: Date.now(), until: Date.now() + lasts }
    incidents.push(incident)
    return incident
  }
  const setOffline = (offline: boolean) =>
    target.send('Network.emulateNetworkConditions', {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })
  const setState = (state: 'frozen' | 'active') => target.send('Page.setWebLifecycleState', { state })

  /** Notes how long something took, from before it began until after it ended. */
  const during = async (kind: IncidentKind, work: () => Promise<unknown>) => {
    const incident = note(kind, 60_000)
    await work()
    incident.until = Date.now()
  }

  const happen: Record<IncidentKind, (lasts: number) => Promise<unknown>> = {
    killed: (lasts) =>
      during('killed', async () => {
        await devtools.closeTarget(target.targetId)
        await wait(lasts)
        target = await open()
      }),
    crashed: () =>
      during('crashed', async () => {
        // It never answers.
        void target.send('Page.crash').catch(() => {})
        await wait(500)
        await untilLoaded(() => target.send('Page.reload'))
      }),
    reloaded: () => during('reloaded', () => untilLoaded(() => target.send('Page.reload'))),
    frozen: (lasts) =>
      during('frozen', async () => {
        await setState('frozen')
        const until = Date.now() + lasts
        // Chromium itself does not freeze a page while others wait for its IndexedDB transaction, and thaws it. The command does not.
        while (Date.now() < until && (await isStoreFree())) await wait(300)
        await setState('active')
      }),
    offline: (lasts) =>
      during('offline', async () => {
        await setOffline(true)
        await wait(lasts)
        await setOffline(false)
      }),
  }

  const tab: SoakTab = {
    name,
    isBusy: false,
    evaluate: (expression) => target.evaluate(expression),
    findPopup: () => devtools.findPopup(target),
    async suffer(kind, lasts) {
      tab.isBusy = true
      try {
        const isOver = await Promise.race([
          happen[kind](lasts).then(() => true),
          wait(lasts + patience, false, { ref: false }),
        ])
        // A tab that crashed, or was reloaded while it crashed, may never report that it is loaded.
        if (!isOver) await happen.killed(0)
      } finally {
        tab.isBusy = false
      }
    },
  }
  return tab
}
