import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { findEntry } from '../figures/measure-size.js'
import type { AppServer } from './app-server.js'
import type { PlainError } from './app-page.js'
import type { TestAuthorizationServer } from './authorization-server.js'
import { popupOf, signIn } from './sign-in.js'

/** When the prototype is polluted: before the library is loaded, or once the client exists. */
export type Moment = 'before load' | 'after load'

/** What the page reports, once its prototype is clean again. */
export interface PollutedRun {
  /** Whether the pollution was there when the calls were made, by what a plain object inherits. */
  isPolluted: boolean
  state?: { status: string; user?: { sub: string } | null }
  tokens?: string[]
  statuses?: number[]
  error?: PlainError
  /** Errors that nobody caught. */
  uncaught: string[]
  /** The databases of the page at the end. */
  databases: string[]
}

/**
 * Serves a page that pollutes `Object.prototype` as a vulnerable script would, and then logs in, calls an API, renews and logs out. The
 * driver stays out of the page meanwhile: it would not survive all of it either.
 */
function serve(
  app: AppServer,
  as: TestAuthorizationServer,
  values: object,
  moment: Moment,
  api: string,
  clientOptions: object,
) {
  const options = { issuer: as.issuer, clientId: as.clientId, apis: [{ url: api }], ...clientOptions }
  app.route('/polluted', () => ({
    body: `<!doctype html><title>App</title><button id="run">Run</button>
      <script>
        const values = ${JSON.stringify(values)}
        // As by a merge that follows "__proto__", or by a plain assignment.
        const pollute = () => { for (const name of Object.keys(values)) Object.prototype[name] = values[name] }
        const clean = () => { for (const name of Object.keys(values)) delete Object.prototype[name] }
        if (${moment === 'before load'}) pollute()
      </script>
      <script src="/latchkey.global.js"></script>
      <script>
        const auth = Latchkey.createClient(${JSON.stringify(options)})
        const api = ${JSON.stringify(api)}
        const uncaught = []
        addEventListener('error', ({ message }) => uncaught.push(message))
        document.querySelector('#run').onclick = async () => {
          if (${moment === 'after load'}) pollute()
          const run = { isPolluted: Object.keys(values).every((name) => ({})[name] === values[name]) }
          try {
            run.state = await auth.login()
            run.tokens = [await auth.getToken()]
            run.statuses = [(await auth.fetch(api + '/orders')).status]
            run.tokens.push(await auth.getToken({ minValidity: 1000000 }))
            run.statuses.push((await auth.fetch(api + '/orders')).status)
            // Only here: the page has to stay.
            await auth.logout({ local: true })
          } catch (error) {
            run.error = { name: error.name, message: error.message, code: error.code }
          }
          clean()
          run.uncaught = uncaught
          run.databases = (await indexedDB.databases()).map(({ name }) => name)
          fetch('/result', { method: 'POST', body: JSON.stringify(run) })
        }
      </script>`,
  }))
}

/** Opens the page, clicks and signs in. Resolves with what the page reports at the end, or undefined if no window opened. */
export async function runPolluted(
  page: Page,
  app: AppServer,
  as: TestAuthorizationServer,
  values: object,
  moment: Moment,
  api: string,
  clientOptions: object = {},
): Promise<PollutedRun> {
  const results = () => app.requests.filter(({ path, method }) => path === '/result' && method === 'POST')
  // A file without a bundler's own code, which would be polluted, too.
  app.route('/latchkey.global.js', () => ({
    headers: { 'content-type': 'text/javascript; charset=utf-8' },
    body: readFileSync(findEntry('./latchkey.global.js'), 'utf8'),
  }))
  app.route('/result', () => ({ body: 'thanks' }))
  serve(app, as, values, moment, api, clientOptions)
  const before = results().length
  await page.goto('/polluted')
  const popup = await popupOf(page, () => page.click('#run'))
  // The login may have been rejected, and its window closed.
  await Promise.race([signIn(popup).catch(() => {}), popup.waitForEvent('close')])
  await expect.poll(() => results().length).toBeGreaterThan(before)
  return JSON.parse(results().at(-1)!.body) as PollutedRun
}
