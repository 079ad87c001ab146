import type { Page } from '@playwright/test'
import { openApp } from './app-page.js'
import type { AppServer } from './app-server.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { countMarked, expectMarked, startSecretSearch, type SecretSearch } from './secret-search.js'
import { signInByRequest } from './server-session.js'

/** How many secrets a login has: code, verifier, access, refresh and ID token. */
export const allKinds = 5

/** The fixtures that a walk needs. */
export interface WalkRig {
  page: Page
  as: TestAuthorizationServer
  app: AppServer
}

/** Provokes a case, and returns what takes it away again after the search. */
export type Provoke<Case> = (given: Case, name: string, search: SecretSearch) => Promise<(() => void) | void>

/**
 * Walks through cases, each a step of the test, and searches for secrets after each. A case finds the app open, with no
 * client and nothing stored, at a server that knows the user: no window asks who it is. It has to bring `atLeast` new
 * secrets, so that the search means something.
 */
export async function searchAfterEach<Case>(
  { page, as, app }: WalkRig,
  cases: Record<string, Case>,
  atLeast: number,
  provoke: Provoke<Case>,
): Promise<void> {
  // A dozen logins by window are more than half a minute for a Firefox that has one core.
  test.slow()
  await signInByRequest(page, as, app)
  const search = await startSecretSearch(page, as)
  await openApp(page)
  for (const [name, given] of Object.entries(cases)) {
    await test.step(name, async () => {
      const before = countMarked(as)
      const undo = await provoke(given, name, search)
      expectMarked(as, atLeast, before)
      expect(await search.find()).toEqual([])
      undo?.()
      await startOver(page)
    })
  }
}

/** Ends the client, and takes away what was stored and the windows that were left open. */
async function startOver(page: Page): Promise<void> {
  for (const other of page.context().pages()) if (other !== page) await other.close()
  await page.evaluate(async () => {
    window.auth?.close()
    sessionStorage.clear()
    for (const { name } of await indexedDB.databases()) {
      const request = indexedDB.open(name!)
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error as Error)
      })
      // Not deleted as a whole: that would wait for whoever still has it open.
      for (const store of database.objectStoreNames) {
        const { transaction } = database.transaction(store, 'readwrite').objectStore(store).clear()
        await new Promise((resolve) => transaction!.addEventListener('complete', resolve))
      }
      database.close()
    }
  })
}
