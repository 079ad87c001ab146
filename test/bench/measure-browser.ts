import { chromium, firefox, type BrowserContext, type Page } from '@playwright/test'
import { click, createAuth, openApp, outcome } from '../rig/app-page.js'
import { startAppServer, type AppServer } from '../rig/app-server.js'
import { startTestAuthorizationServer, type TestAuthorizationServer } from '../rig/authorization-server.js'
import { launchOptions, type BrowserName } from '../rig/browsers.mjs'
import { countRequests } from '../rig/count-requests.js'
import { logInByPopup } from '../rig/sign-in.js'
import { buildFigure, formatRequests, type BrowserFigures, type Figure } from './bench-run.js'

/** How many calls make one round, where a single call is too short for a browser's clock. */
const callsInRound = 10_000

/** A page that is logged in, with the servers that it talks to. */
export interface Scene {
  page: Page
  as: TestAuthorizationServer
}

/** Measures everything in one browser, with one build of the package. */
export async function measureBrowser(
  name: BrowserName,
  rounds: number,
  bundle: AppServer['bundle'] = 'latchkey.js',
): Promise<BrowserFigures> {
  const browser = await { chromium, firefox }[name].launch(launchOptions(name))
  try {
    const inScene = <T>(work: (scene: Scene) => Promise<T>, refreshTokens = true) =>
      withScene(() => browser.newContext(), bundle, refreshTokens, work)
    const run = (
      scene: Scene,
      round: () => Promise<number>,
      before = async () => {},
      unit: Figure['unit'] = 'ms',
    ) => measure(scene, rounds, round, before, unit)
    const runCalls = (scene: Scene, what: 'doNothing' | 'getToken') =>
      run(scene, () => timeCalls(scene.page, what), undefined, 'µs')

    const calls = await inScene(async (scene) => ({
      doNothing: await runCalls(scene, 'doNothing'),
      cachedToken: await runCalls(scene, 'getToken'),
    }))
    const reloads = await inScene(async (scene) => {
      await scene.page.evaluate(createDatabase)
      const reload = async () => void (await scene.page.reload())
      return {
        databaseRead: await run(scene, () => scene.page.evaluate(timeDatabaseRead), reload),
        reload: await run(scene, () => scene.page.evaluate(timeFirstToken), reload),
      }
    })
    const logins = await inScene(async (scene) => {
      const logOut = () => scene.page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
      const prepare = async () => {
        await logOut()
        await scene.page.evaluate(() => window.auth.prepare())
      }
      return {
        popupLogin: await run(scene, () => timeLogin(scene.page), logOut),
        preparedPopupLogin: await run(scene, () => timeLogin(scene.page), prepare),
      }
    })
    const refresh = await inScene((scene) => run(scene, () => scene.page.evaluate(timeRenewal)))
    const iframe = await inScene((scene) => run(scene, () => scene.page.evaluate(timeRenewal)), false)
    const figures = { ...calls, ...reloads, ...logins, refresh, iframe }
    return { name, version: browser.version(), figures }
  } finally {
    await browser.close()
  }
}

/** Works with a page that is logged in, at servers of its own. `vault`: the worker that holds the session, if one does. */
export async function withScene<T>(
  newContext: () => Promise<BrowserContext>,
  bundle: AppServer['bundle'],
  refreshTokens: boolean,
  work: (scene: Scene) => Promise<T>,
  vault?: 'shared' | 'worker',
): Promise<T> {
  const app: AppServer = await startAppServer()
  app.bundle = bundle
  const as = await startTestAuthorizationServer({ appOrigins: [app.origin], refreshTokens })
  // As any server does; the tests turn it off.
  as.keepAlive = true
  app.authDefaults = { issuer: as.issuer, clientId: as.clientId, ...(vault && { vault }) }
  const context = await newContext()
  try {
    const page = await context.newPage()
    await openApp(page, app.origin)
    await createAuth(page)
    await logInByPopup(page)
    return await work({ page, as })
  } finally {
    await context.close()
    await Promise.all([app.close(), as.close()])
  }
}

/** Runs the rounds after one that warms up; each has to make the same requests. */
export async function measure(
  { as }: Pick<Scene, 'as'>,
  rounds: number,
  round: () => Promise<number>,
  before: () => Promise<void>,
  unit: Figure['unit'],
): Promise<Figure> {
  const times: number[] = []
  const requests = new Set<string>()
  let counts = {}
  for (let done = -1; done < rounds; done++) {
    await before()
    const from = as.requests.length
    const time = await round()
    if (done < 0) continue
    times.push(time)
    counts = countRequests(as, from)
    requests.add(formatRequests(counts))
  }
  if (requests.size !== 1) throw new Error(`rounds made different requests: ${[...requests].join(' / ')}`)
  return buildFigure(times, unit, counts)
}

/** In microseconds a call. */
export function timeCalls(page: Page, what: 'doNothing' | 'getToken'): Promise<number> {
  return page.evaluate(
    async ([name, calls]) => {
      const { auth } = window
      const call = name === 'getToken' ? () => auth.getToken() : async () => 'token'
      const start = performance.now()
      for (let done = 0; done < calls; done++) await call()
      return ((performance.now() - start) / calls) * 1000
    },
    [what, callsInRound] as const,
  )
}

/** From the click's handler to the token. */
export async function timeLogin(page: Page): Promise<number> {
  await click(page, async () => {
    const start = performance.now()
    await window.auth.login()
    await window.auth.getToken()
    return performance.now() - start
  })
  const { value, error } = await outcome<number>(page)
  if (value === undefined) throw new Error(`the login failed: ${error?.message}`)
  return value
}

/** Runs in the page, which has just been loaded. */
async function timeFirstToken(): Promise<number> {
  const { createClient } = window.latchkey
  const options = (window as unknown as { authDefaults: Parameters<typeof createClient>[0] }).authDefaults
  const start = performance.now()
  await createClient(options).getToken()
  return performance.now() - start
}

/** Runs in the page. No token is good for a day: each call renews. */
export async function timeRenewal(): Promise<number> {
  const start = performance.now()
  await window.auth.getToken({ minValidity: 86_400 })
  return performance.now() - start
}

/** Runs in the page. */
function createDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('bench')
    request.onupgradeneeded = () => request.result.createObjectStore('records').put({ some: 'record' }, 'key')
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
}

/** Runs in the page, which has just been loaded: what no client that keeps its session in IndexedDB can go below. */
function timeDatabaseRead(): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('bench')
    request.onsuccess = () => {
      const read = request.result.transaction('records').objectStore('records').get('key')
      read.onsuccess = () => resolve(performance.now() - start)
      read.onerror = () => reject(read.error)
    }
    request.onerror = () => reject(request.error)
  })
}
