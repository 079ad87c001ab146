import type { Page } from '@playwright/test'
import { openApp } from './app-page.js'

/**
 * Makes the default store slow for all other tabs: one tab without a client holds it in a transaction that goes on, so that nobody
 * else is answered. Returns the function that lets the others go on.
 */
export async function holdStore(page: Page): Promise<() => Promise<void>> {
  const holder = await page.context().newPage()
  await openApp(holder, '/callback.js')
  await holder.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('latchkey')
        opening.onsuccess = () => {
          const records = opening.result.transaction('records', 'readwrite').objectStore('records')
          const goOn = () => {
            resolve()
            if (!('released' in window)) records.get('nothing').onsuccess = goOn
          }
          goOn()
        }
      }),
  )
  return () => holder.close()
}
