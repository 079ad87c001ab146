// Measures what it costs to hold the session in a worker instead of the page: bytes and milliseconds, in Chromium.

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chromium, type Browser } from '@playwright/test'
import { format, resolveConfig } from 'prettier'
import { measureSizes } from '../figures/measure-size.js'
import { createAuth, openApp } from '../rig/app-page.js'
import { buildConsumers } from '../rig/build-consumers.js'
import { launchOptions } from '../rig/browsers.mjs'
import type { Figure } from './bench-run.js'
import { measure, timeCalls, timeLogin, timeRenewal, withScene } from './measure-browser.js'
import { readVersions } from './read-versions.js'

const { values } = parseArgs({
  options: {
    vaults: { type: 'boolean' },
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '20' },
    // Read by run.mjs.
    'no-build': { type: 'boolean' },
  },
})
const rounds = Number(values.rounds)
if (!(rounds >= 1)) throw new TypeError(`--rounds must be a number of at least 1, got "${values.rounds}"`)

/** Where the session is held, and what a reader calls it. */
const places = { page: 'in the page', shared: '`SharedWorker`', worker: '`Worker`' } as const

const titles = {
  ready: '`createClient` to the first state, after a reload',
  login: 'popup login with a session at the server, click to token',
  cached: '`getToken`, cached',
  renewal: 'renewal by refresh token',
}

await buildConsumers()
const browser = await chromium.launch(launchOptions('chromium'))
const figures: Record<string, Record<keyof typeof titles, Figure>> = {}
for (const place of Object.keys(places) as (keyof typeof places)[])
  figures[place] = await measurePlace(browser, place === 'page' ? undefined : place)
const chromiumVersion = browser.version()
await browser.close()

const table = await buildTable()
console.log(table)
if (values.write) await writeTable(new URL('../../docs/worker-vault.md', import.meta.url))

async function measurePlace(from: Browser, vault: 'shared' | 'worker' | undefined) {
  const work = () =>
    withScene(
      () => from.newContext(),
      'latchkey.js',
      true,
      async (scene) => {
        const { page } = scene
        const run = (round: () => Promise<number>, before = async () => {}) =>
          measure(scene, rounds, round, before, 'ms')
        const logOut = () => page.evaluate(() => window.auth.logout({ local: true, revoke: false }))
        const renewal = await run(() => page.evaluate(timeRenewal))
        const cached = await measure(
          scene,
          rounds,
          () => timeCalls(page, 'getToken'),
          async () => {},
          'µs',
        )
        const login = await run(() => timeLogin(page), logOut)
        // Keeps a shared worker alive through the reloads.
        const other = await page.context().newPage()
        await openApp(other, page.url())
        await createAuth(other)
        const ready = await run(
          () => page.evaluate(timeReady),
          async () => void (await page.reload()),
        )
        return { ready, login, cached, renewal }
      },
      vault,
    )
  return work()
}

/** Runs in the page, which has just been loaded. */
async function timeReady(): Promise<number> {
  const start = performance.now()
  window.startAuth()
  await window.auth.ready()
  return performance.now() - start
}

async function buildTable(): Promise<string> {
  const { client, addOns, workerFile } = await measureSizes()
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  const inApp = kB(client.brotli + addOns.worker.brotli)
  const lines = [
    ['', ...Object.values(places)],
    ['---', '--:', '--:', '--:'],
    ['in the bundle of the app (brotli)', kB(client.brotli), inApp, inApp],
    ['the file of the worker (brotli)', 'none', kB(workerFile.brotli), kB(workerFile.brotli)],
    ...Object.entries(titles).map(([name, title]) => [
      title,
      ...Object.values(figures).map((one) => {
        const { median, unit } = one[name as keyof typeof titles]
        return `${median} ${unit}`
      }),
    ]),
  ]
  const { latchkey, 'oidc-provider': provider } = readVersions()
  const date = new Date().toISOString().slice(0, 10)
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

Times are medians of ${rounds} rounds with \`npm run bench -- --vaults\`, with the server on the same machine: latchkey ${latchkey}, Chromium ${chromiumVersion}, oidc-provider ${provider}, Node ${process.version.slice(1)}, ${date}.`
}

async function writeTable(doc: URL): Promise<void> {
  const text = readFileSync(doc, 'utf8').replace(
    /(<!-- costs -->)[^]*(<!-- \/costs -->)/,
    (_, start: string, end: string) => `${start}\n\n${table}\n\n${end}`,
  )
  const filepath = doc.pathname
  writeFileSync(doc, await format(text, { ...(await resolveConfig(filepath)), filepath }))
}
