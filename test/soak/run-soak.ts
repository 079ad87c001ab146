import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser } from '@playwright/test'
import { startAppServer, type AppServer } from '../rig/app-server.js'
import { openDevtools } from './devtools.js'
import { startFaultProxy } from './fault-proxy.js'
import type { SoakRecord } from './record.js'
import { openSoakContext } from './soak-context.js'

/** What a run is to be. */
export interface SoakOptions {
  seed: number
  /** How many refreshes to wait for. */
  refreshes: number
  /** The tabs of each of the two contexts. @default 10 */
  tabs?: number
  /** The sessions of each of the two contexts; each tab has all of them. @default 5 */
  sessions?: number
  /** When to give up, in milliseconds. */
  limit: number
  /** How long to disturb the tabs before they are compared, in milliseconds. @default 120000 */
  round?: number
  onProgress?: (record: SoakRecord) => void
}

const page = (file: string) => readFileSync(new URL(`page/${file}`, import.meta.url), 'utf8')

/**
 * Runs two browser contexts full of tabs against a server whose answers are spoiled. In the first one, a hidden frame can get a new
 * grant; in the second one, the server is another site, and the browser sends it no cookies from a frame.
 */
export async function runSoak(browser: Browser, options: SoakOptions): Promise<SoakRecord> {
  const { seed, refreshes, tabs = 10, sessions = 5, limit, round = 120_000, onProgress } = options
  const near = await startAppServer({ host: 'localhost' })
  const far = await startAppServer({ host: '127.0.0.1' })
  const name = (context: string) =>
    Array.from({ length: sessions }, (_, index) => `${context}-app-${index + 1}`)
  const places = [
    { name: 'near', app: near, clientIds: name('near'), framePossible: true },
    { name: 'far', app: far, clientIds: name('far'), framePossible: false },
  ]
  const clientIds = places.flatMap((place) => place.clientIds)
  const proxy = await startFaultProxy(seed, clientIds, [near.origin, far.origin])
  const record: SoakRecord = {
    clients: places.flatMap((place) =>
      place.clientIds.map((clientId) => ({ clientId, framePossible: place.framePossible })),
    ),
    exchanges: proxy.exchanges,
    incidents: [],
    losses: [],
    logins: [],
    failedLogins: [],
    disagreements: [],
    storeFailures: [],
    tokens: 0,
    errors: {},
  }
  for (const place of places) serveTab(place.app, proxy.issuer, place.clientIds)
  const devtools = await openDevtools(browser)
  const progress = setInterval(() => onProgress?.(record), 10_000)
  try {
    const contexts = await Promise.all(
      places.map((place) => openSoakContext(devtools, place.app, proxy, { ...place, seed, tabs }, record)),
    )
    const until = Date.now() + limit
    while (countRefreshes(record) < refreshes && Date.now() < until) {
      proxy.isCalm = false
      const stop = new AbortController()
      const disturbed = contexts.map((context) => context.disturb(stop.signal))
      const end = Math.min(until, Date.now() + round)
      while (countRefreshes(record) < refreshes && Date.now() < end) await wait(200)
      stop.abort()
      await Promise.all(disturbed)
      proxy.isCalm = true
      await Promise.all(contexts.map((context) => context.compare()))
    }
    await Promise.all(contexts.map((context) => context.close()))
  } finally {
    clearInterval(progress)
    await Promise.all([near.close(), far.close(), proxy.close()])
  }
  return record
}

/** Counts the refresh tokens that the server accepted. */
export function countRefreshes({ exchanges }: Pick<SoakRecord, 'exchanges'>): number {
  return exchanges.filter(({ kind, outcome }) => kind === 'refresh' && outcome === 'granted').length
}

function serveTab(app: AppServer, issuer: string, clientIds: string[]): void {
  const options = JSON.stringify({ issuer, clientIds })
  const body = `<!doctype html><title>Soak</title><script>soakOptions = ${options}</script>
<script type="module" src="/latchkey.js"></script><script type="module" src="/soak.js"></script>`
  // The proxy reads in the `Referer` which tab a request comes from.
  app.route('/tab/*', () => ({ headers: { 'referrer-policy': 'unsafe-url' }, body }))
  app.route('/soak.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: page('soak.js') }))
}
