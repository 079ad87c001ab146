import type { Page } from '@playwright/test'
import { openApp, type Outcome, type Place } from './app-page.js'

declare global {
  interface Window {
    storm: Promise<Outcome<string>>
  }
}

const channel = 'storm'

/** Has a tab call `getToken` at the signal of `startStorm`; a `restored` one is loaded anew and creates its client only then. */
export async function prepareStorm(
  tab: Pick<Page, 'evaluate' | 'goto'>,
  kind: 'open' | 'restored',
): Promise<void> {
  if (kind === 'restored') await openApp(tab)
  await tab.evaluate(
    ([name, create]) => {
      const signal = new BroadcastChannel(name)
      const started = new Promise((resolve) => (signal.onmessage = resolve))
      const start = performance.now()
      const call = async () => {
        await started
        signal.close()
        if (create) window.startAuth()
        return window.auth.getToken()
      }
      const after = () => Math.round(performance.now() - start)
      window.storm = call().then(
        (value) => ({ value, after: after() }),
        (error: unknown) => ({ error: window.describe(error) as Outcome['error'] & {}, after: after() }),
      )
    },
    [channel, kind === 'restored'] as const,
  )
}

/** Gives the signal from another tab to all prepared ones at once. */
export async function signalStorm(signaller: Place): Promise<void> {
  await signaller.evaluate((name) => {
    const signal = new BroadcastChannel(name)
    signal.postMessage('now')
    signal.close()
  }, channel)
}

/** Waits until each call of a storm has ended. */
export async function endStorm(tabs: Place[]): Promise<Outcome<string>[]> {
  return Promise.all(tabs.map((tab) => tab.evaluate(() => window.storm)))
}

/** Gives the signal, and waits until each call has ended. */
export async function startStorm(signaller: Place, tabs: Place[]): Promise<Outcome<string>[]> {
  await signalStorm(signaller)
  return endStorm(tabs)
}
