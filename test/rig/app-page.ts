import { expect, type Page } from '@playwright/test'
import type { AuthErrorCode } from '../../src/base/errors.js'
import type { OverlayOptions } from '../../src/api/overlay.js'
import type { Client } from '../../src/api/client.js'
import type { ClientOptions } from '../../src/api/client-options.js'
import type { AuthEvent } from '../../src/api/events.js'
import type { LoginOptions } from '../../src/api/login-options.js'
import type { State } from '../../src/api/state.js'

/** Options of `createClient` that can travel to a page; a store is called by its name. */
export type PageClientOptions = Partial<
  Omit<ClientOptions, 'store' | 'vault' | 'dpop' | 'overlay' | 'transports' | 'onEvent'>
> & {
  store?: 'indexedDB' | 'session' | 'memory'
  vault?: 'shared' | 'worker'
  dpop?: boolean
  overlay?: OverlayOptions
  /** Whether the host app of `host-app.ts` opens the login page (`latchkey/external`). */
  external?: boolean
  /** Whether `window.auth` is a test client. */
  played?: boolean
}

/** An `AuthError` as plain data; other errors have a `name` and a `message`. */
export interface PlainError {
  name: string
  message: string
  code?: AuthErrorCode
  retryable?: boolean
  error?: string
  error_description?: string
  status?: number
  cause?: { code?: string; claim?: string }
}

/** A state as plain data. */
export type PlainState =
  | (Omit<Extract<State, { status: 'logged-out' }>, 'error'> & { error?: PlainError })
  | Exclude<State, { status: 'logged-out' }>

/** How a call ended, and after how many milliseconds. */
export interface Outcome<T = unknown> {
  value?: T
  error?: PlainError
  after: number
}

declare global {
  interface Window {
    latchkey: typeof import('../../src/index.js') &
      typeof import('../../src/dpop.js') &
      typeof import('../../src/element/define.js') &
      typeof import('../../src/exchange.js') &
      typeof import('../../src/external.js') &
      typeof import('../../src/id-token.js') &
      typeof import('../../src/idle.js') &
      typeof import('../../src/initiated-login.js') &
      typeof import('../../src/overlay.js') &
      typeof import('../../src/session-watch.js') &
      typeof import('../../src/userinfo.js') &
      typeof import('../../src/worker.js') &
      typeof import('../../src/testing.js')
    auth: Client
    authEvents: AuthEvent[]
    authStates: PlainState[]
    startAuth: (options?: PageClientOptions) => void
    /** The last worker of a vault, and where its file is. */
    vaultWorker?: SharedWorker | Worker
    vaultUrl?: string
    describe: (value: unknown) => unknown
    /** The signals that the host app was given. */
    hostSignals: AbortSignal[]
    onRun: () => unknown
    outcome: Promise<Outcome> | undefined
  }
}

/** Where the app is: a page, a frame of one, or a tab of WebKitGTK. */
export type Place = Pick<Page, 'evaluate'>

/** A place with the page's button. */
type PlaceToClick = Pick<Page, 'evaluate' | 'click'>

/** Opens the test page. */
export async function openApp(page: Pick<Page, 'goto'>, path = '/'): Promise<void> {
  await page.goto(path)
}

/** Creates `window.auth` in the page, by default for the test's authorization server. */
export async function createAuth(page: Place, options: PageClientOptions = {}): Promise<void> {
  // As an object: the types of the metadata are too deep for Playwright's.
  await page.evaluate((plain: object) => window.startAuth(plain), options as object)
}

/** Clicks the page's button, which makes the call in the click's handler; the argument must be JSON. See `outcome`. */
export async function click<Argument>(
  page: PlaceToClick,
  call: (argument: Argument) => unknown,
  argument?: Argument,
): Promise<void> {
  // As one expression, so that the page's CSP never sees an `eval` of the rig.
  await page.evaluate(`void (window.onRun = () => (${call})(${JSON.stringify(argument)}))`)
  await page.click('#run')
}

/** Clicks the page's button, which calls `auth.login(options)`. */
export async function clickLogin(page: PlaceToClick, options: LoginOptions = {}): Promise<void> {
  await page.evaluate((loginOptions) => void (window.onRun = () => window.auth.login(loginOptions)), options)
  await page.click('#run')
}

/** Waits for the end of what the last click called. */
export async function outcome<T = PlainState>(page: Place): Promise<Outcome<T>> {
  const result = await page.evaluate(() => window.outcome)
  if (!result) throw new Error('nothing was clicked in this page')
  return result as Outcome<T>
}

/** Gets the client's state. */
export async function state(page: Place): Promise<PlainState> {
  return (await page.evaluate(() => window.describe(window.auth.getState()))) as PlainState
}

/** Gets every state since `createAuth`, the first included. */
export async function states(page: Place): Promise<PlainState[]> {
  return page.evaluate(() => window.authStates)
}

/** Gets every event since the page was loaded. */
export async function events(page: Place): Promise<AuthEvent[]> {
  return page.evaluate(() => window.authEvents)
}

/** Goes back to a path. Firefox over BiDi does not report a page that comes out of the back/forward cache: `page.url()` is stale there. */
export async function goBack(page: Page, path: string): Promise<void> {
  await goBackAnywhere(page)
  await expect.poll(() => page.evaluate(() => location.pathname).catch(() => undefined)).toBe(path)
}

/** Goes back to whatever there is, without waiting for it. */
export async function goBackAnywhere(page: Page): Promise<void> {
  // After this call's own answer: the navigation would take it away.
  await page.evaluate(() => void setTimeout(() => history.back()))
}
