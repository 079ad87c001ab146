import { expect, type Page } from '@playwright/test'
import type { PageClientOptions } from './app-page.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { readPageText } from './page-text.js'
import { holdsPiece, piecesOf, shortest } from './secret-pieces.js'

export { holdsSecret } from './secret-pieces.js'

/** Watches what the pages of a context say, from the start of the test on. */
export interface SecretSearch {
  /** Lists the places where a secret of the server stands, over all pages at the app's origin. */
  find: () => Promise<string[]>
}

declare const markSecret: (secret: string) => void

/**
 * Starts the search: what goes to the console, and what nobody catches, is kept from now on. So is each code verifier, as
 * the page hashes it: a login that comes to nothing never sends it, and the server could not mark it.
 */
export async function startSecretSearch(page: Page, as: TestAuthorizationServer): Promise<SecretSearch> {
  const said: string[] = []
  const context = page.context()
  await context.addInitScript(() => {
    window.kept = { errors: [], events: [], states: [] }
    addEventListener('error', ({ message, error }) => void window.kept.errors.push(message, error))
    addEventListener('unhandledrejection', ({ reason }) => void window.kept.errors.push(reason))
    const { digest } = SubtleCrypto.prototype
    SubtleCrypto.prototype.digest = function (algorithm, data) {
      markSecret(new TextDecoder().decode(data))
      return digest.call(this, algorithm, data)
    }
  })
  await context.exposeFunction('markSecret', (secret: string) => void as.secrets.add(secret))
  const watch = (watched: Page) => {
    watched.on('console', (message) => {
      said.push(message.text())
      for (const argument of message.args()) {
        argument.jsonValue().then((value: unknown) => said.push(JSON.stringify(value) ?? ''), () => {}) // prettier-ignore
      }
    })
    watched.on('pageerror', (error) => said.push(`${error.message} ${error.stack}`))
  }
  context.pages().forEach(watch)
  context.on('page', watch)

  return {
    async find() {
      // Not `page.url()`: in Firefox it is stale after going back.
      const originOf = (open: Page) => open.evaluate(() => location.origin)
      const origin = await originOf(page)
      const found = new Set<string>()
      const pieces = piecesOf(as.secrets)
      const look = (place: string, texts: string[]) => {
        if ([...new Set(texts)].some((text) => holdsPiece(text, pieces))) found.add(place)
      }
      for (const open of context.pages()) {
        if ((await originOf(open)) !== origin) continue
        for (const [place, texts] of Object.entries(await open.evaluate(readPageText))) look(place, texts)
        look('history', await listHistory(open))
      }
      look('console', said)
      return [...found].sort()
    },
  }
}

/** Counts the secrets that went through the server so far. */
export function countMarked(as: TestAuthorizationServer): number {
  return [...as.secrets].filter((secret) => secret.length >= shortest).length
}

/** Checks that so many secrets went through the server since it was `before`, so that a search for them means something. */
export function expectMarked(as: TestAuthorizationServer, atLeast: number, before = 0): void {
  expect(countMarked(as) - before).toBeGreaterThanOrEqual(atLeast)
}

/** Lists the URLs of a tab's history: Chromium tells them all, of other origins too. */
async function listHistory(page: Page): Promise<string[]> {
  if (page.context().browser()?.browserType().name() !== 'chromium') return []
  const session = await page.context().newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  await session.detach()
  return entries.map(({ url }) => url)
}

/** Creates `window.auth` anew, and closes the one before. What it says is kept as it is, like all that a searched page's clients say. */
export async function createKeptAuth(page: Page, options: PageClientOptions = {}): Promise<void> {
  await page.evaluate((plain: object) => {
    window.auth?.close()
    window.startAuth(plain)
  }, options as object)
}
