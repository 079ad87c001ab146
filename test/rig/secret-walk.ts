import type { Page } from '@playwright/test'
import { openApp } from './app-page.js'
import type { AppServer } from './app-server.js'
import { expect, test, type TestAuthorizationServer } from './fixtures.js'
import { countMarked, expectMarked, startSecretSearch, type SecretSearch } from './secret-search.js'
import { startServerSession } from './server-session.js'

/** The fixtures that a walk needs. */
export interface WalkRig {
  page: Page
  as: TestAuthorizationServer
  app: AppServer
}

/** Provokes a case, and returns what takes it away again after the search. */
export type Provoke<Case> = (given: Case, name: string, search: SecretSearch) => Promise<(() => void) | void>

/**
 * Walks through cases, each a step of the test, and searches for secrets after each. A case finds an app that has stored
 * nothing at a server that knows the user: no window asks who it is. It has to bring `atLeast` new secrets, so that the
 * search means something.
 */
export async function searchAfterEach<Case>(
  { page, as, app }: WalkRig,
  cases: Record<string, Case>,
  atLeast: number,
  provoke: Provoke<Case>,
): Promise<void> {
  await startServerSession(page, as, app)
  const search = await startSecretSearch(page, as)
  for (const [name, given] of Object.entries(cases)) {
    await test.step(name, async () => {
      await openEmptyApp(page)
      const before = countMarked(as)
      const undo = await provoke(given, name, search)
      expectMarked(as, atLeast, before)
      expect(await search.find()).toEqual([])
      undo?.()
    })
  }
}

/** Opens the app without what it has stored and the windows that it has left open. */
async function openEmptyApp(page: Page): Promise<void> {
  for (const other of page.context().pages()) if (other !== page) await other.close()
  // Whatever client there was ends with its page, and holds no database open.
  await openApp(page)
  await page.evaluate(async () => {
    localStorage.clear()
    sessionStorage.clear()
    for (const { name } of await indexedDB.databases()) {
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name!)
        request.onsuccess = resolve
        request.onerror = reject
      })
    }
  })
}
