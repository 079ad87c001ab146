import { setTimeout as wait } from 'node:timers/promises'
import type { AppServer } from '../rig/app-server.js'
import type { Devtools } from './devtools.js'
import type { FaultProxy } from './fault-proxy.js'
import { logIn } from './log-in.js'
import { planIncidents, type PlannedIncident } from './plan.js'
import type { Loss, SoakRecord } from './record.js'
import { openSoakTab, type SoakTab, type TabReport } from './soak-tab.js'

/** How long tabs may take to agree once nothing happens to them any more, in milliseconds. */
const timeToAgree = 60_000

/** One browser context with its tabs. */
export interface SoakContext {
  /** Has things happen to the tabs until `stop` aborts. */
  disturb(stop: AbortSignal): Promise<void>
  /** Waits until nothing happens to any tab, and notes where tabs do not show the same. */
  compare(): Promise<void>
  close(): Promise<void>
}

/** What a context is to be. */
export interface ContextPlan {
  name: string
  seed: number
  tabs: number
  clientIds: string[]
}

/** Opens the tabs of a context, and logs in once for each session. */
export async function openSoakContext(
  devtools: Devtools,
  app: AppServer,
  proxy: FaultProxy,
  { name, seed, tabs: count, clientIds }: ContextPlan,
  record: SoakRecord,
): Promise<SoakContext> {
  const contextId = await devtools.createContext()
  const tabs: SoakTab[] = []
  const lost = new Set<string>()
  const lastLogin = new Map<string, number>()
  const incidents = planIncidents(seed, name, count)
  let logins: Promise<unknown> = Promise.resolve()
  let isDisturbed = false
  let isClosed = false

  const onReport = (tab: string, report: TabReport) => {
    if (report.type === 'tokens') record.tokens += report.count
    else if (report.type === 'store_failed')
      record.storeFailures.push({ tab, clientId: report.clientId, at: report.at })
    else if (report.type === 'error') record.errors[report.code] = (record.errors[report.code] ?? 0) + 1
    else if (report.status === 'logged-out' && report.reason) {
      // Without a reason, the tab has not read the session: it must have found it when all is calm.
      const { clientId, at, reason } = report
      // What a tab said before the last login is over.
      if (at > (lastLogin.get(clientId) ?? Infinity)) void confirmLoss({ clientId, tab, at, reason })
    }
  }

  const noteLoss = (loss: Loss) => {
    if (lost.has(loss.clientId)) return
    record.losses.push(loss)
    void requestLogin(loss.clientId)
  }

  /** Notes a loss, unless another tab shows that it is over: one that thaws shows what it had read before. */
  const confirmLoss = async (loss: Loss): Promise<void> => {
    await wait(500)
    // No tab is left that could answer.
    if (isClosed) return
    const tab = await findIdleTab()
    const question = `soak.isLoggedOut(${JSON.stringify(loss.clientId)})`
    // A tab that is killed meanwhile never answers.
    const answer = tab.evaluate<boolean>(question).catch(() => undefined)
    const isLost = await Promise.race([answer, wait(2000).then(() => undefined)])
    if (isLost === undefined) return confirmLoss(loss)
    if (isLost && loss.at > lastLogin.get(loss.clientId)!) noteLoss(loss)
  }

  /** Logs in, after those that were requested before. */
  const requestLogin = (clientId: string) => {
    lost.add(clientId)
    const login = async () => {
      while (lost.has(clientId) && !isClosed) {
        const tab = await findIdleTab()
        tab.isBusy = true
        proxy.spared.add(clientId)
        try {
          await logIn(tab, clientId)
          record.logins.push({ clientId, at: Date.now() })
          lastLogin.set(clientId, Date.now())
          lost.delete(clientId)
        } catch (error) {
          record.failedLogins.push(String(error))
          if (record.failedLogins.length > 20) throw error
        } finally {
          proxy.spared.delete(clientId)
          tab.isBusy = false
        }
      }
    }
    logins = logins.then(login)
    logins.catch(() => {})
    return logins
  }

  const findIdleTab = async (): Promise<SoakTab> => {
    for (;;) {
      const idle = tabs.find(({ isBusy }) => !isBusy)
      if (idle) return idle
      await wait(100)
    }
  }

  const isStoreFree = async (): Promise<boolean> => {
    const tab = await findIdleTab()
    const answer = tab.evaluate<boolean>('soak.isStoreFree()').catch(() => false)
    // A tab that crashes meanwhile never answers.
    return Promise.race([answer, wait(2000).then(() => false)])
  }

  const look = async (): Promise<Record<string, string>[]> =>
    Promise.all(
      tabs.map((tab) =>
        Promise.race([
          tab.evaluate<Record<string, string>>('soak.look()'),
          wait(timeToAgree).then((): Record<string, string> => ({})),
        ]),
      ),
    )

  while (tabs.length < count) {
    const tabName = `${name}-${tabs.length + 1}`
    const url = `${app.origin}/tab/${tabName}`
    tabs.push(
      await openSoakTab(
        devtools,
        contextId,
        { name: tabName, url },
        record.incidents,
        (report) => onReport(tabName, report),
        isStoreFree,
      ),
    )
  }
  for (const clientId of clientIds) await requestLogin(clientId)

  return {
    async disturb(stop) {
      isDisturbed = true
      const running = new Set<Promise<void>>()
      for (;;) {
        // Not "for of": leaving it would end the plan, and the next round would have no incidents.
        const { after, tab: number, kind, lasts } = incidents.next().value as PlannedIncident
        await wait(after, undefined, { signal: stop }).catch(() => {})
        if (stop.aborted) break
        const tab = tabs[number]!
        if (tab.isBusy) continue
        const incident = tab.suffer(kind, lasts)
        running.add(incident)
        void incident.finally(() => running.delete(incident))
      }
      await Promise.all(running)
      isDisturbed = false
    },

    async compare() {
      if (isDisturbed) throw new Error('compare the tabs once nothing happens to them')
      await logins
      const until = Date.now() + timeToAgree
      for (;;) {
        const looks = await look()
        const apart = clientIds.filter((clientId) => {
          const shown = looks.map((one) => one[clientId])
          return new Set(shown).size > 1 || !shown[0]?.endsWith('has a token')
        })
        if (apart.length === 0) return
        if (Date.now() > until && !lost.size) {
          for (const clientId of apart) {
            const entries = tabs.map((tab, index) => [tab.name, looks[index]![clientId] ?? 'no answer'])
            const shown = Object.fromEntries(entries) as Record<string, string>
            const at = Date.now()
            record.disagreements.push({ clientId, at, shown })
            if (!Object.values(shown).some((one) => one.startsWith('logged-in')))
              noteLoss({ clientId, tab: tabs[0]!.name, at, reason: 'none' })
          }
          return
        }
        await wait(500)
      }
    },

    close() {
      isClosed = true
      return devtools.disposeContext(contextId)
    },
  }
}
