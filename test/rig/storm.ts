import type { Page } from '@playwright/test'
import { openApp, type Outcome } from './app-page.js'

declare global {
  interface Window {
    storm: Promise<Outcome<string>>
  }
}

const channel = 'storm'

/** Has a tab call `getToken` at the signal of `startStorm`; a `restored` one is loaded anew and creates its client only then. */
export async function prepareStorm(tab: Page, kind: 'open' | 'restored'): Promise<void> {
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

/** Gives the signal from another tab to all prepared ones at once, and waits until each call has ended. */
export async function startStorm(signaller: Page, tabs: Page[]): Promise<Outcome<string>[]> {
  await signaller.evaluate((name) => {
    const signal = new BroadcastChannel(name)
    signal.postMessage('now')
    signal.close()
  }, channel)
  return Promise.all(tabs.map((tab) => tab.evaluate(() => window.storm)))
}
