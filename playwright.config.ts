import { existsSync, readdirSync } from 'node:fs'
import { defineConfig, type ReporterDescription } from '@playwright/test'
import type { RigOptions } from './test/rig/fixtures.js'
import { canShowWindows, launchOptions, shellLaunchOptions } from './test/rig/browsers.mjs'

/**
 * Where the tests of a folder of test/browser run. `browser`: windows, gestures, tabs and history, which are the browser's, in all of
 * Chromium. `engine`: all else, in Chromium's headless shell, which is the same engine without the browser around it. `headed`: Chromium
 * with a window and a true focus.
 */
type Place = 'browser' | 'engine' | 'headed'

/** A folder says what its tests are about, and so where they run. A new folder belongs in here. */
const places: Record<string, Place> = {
  // How answers come back: messages, frames, each way of login.
  delivery: 'engine',
  demo: 'browser',
  element: 'browser',
  // Attacks on a page: polluted prototypes, forged messages and stored values, look-alike URLs.
  hostile: 'engine',
  // What surrounds a page: policies, secrets, closing, no window at all.
  pages: 'engine',
  rig: 'browser',
  // Tokens, requests and logouts of one session.
  session: 'engine',
  // Stores, and what tabs share by them.
  tabs: 'browser',
  // Popups, overlays, redirects, and what becomes of them.
  windows: 'browser',

  // Logins and logouts that start at the server or at another site.
  elsewhere: 'engine',
  // React, Vue, Vite, guides, and test clients.
  apps: 'engine',
  // What a page makes of a server's answer; most of that is in test/answers, in Node.
  answers: 'engine',
  // Stores that the test breaks, in the same way in each engine.
  'broken-stores': 'engine',
  // How many requests and transactions the client makes.
  figures: 'engine',

  headed: 'headed',
}

/**
 * What Firefox runs of `npm test`: what engines do differently. The other tests look at what the same code makes of the same answers, and
 * a test in Firefox takes three times as long as in Chromium. `EVERY_ENGINE=1 npm test` runs everything in both.
 */
const ofFirefox = [
  // Messages between windows, frames and the page, and policies that the browser enforces.
  'delivery/checks-hidden-frame',
  'delivery/checks-messages',
  'delivery/checks-wired',
  'delivery/login-external',
  'delivery/replay',
  'elsewhere/front-channel-logout',
  'elsewhere/session-watch',
  'hostile/callback-page',
  'hostile/forged-messages',
  'hostile/forged-storage',
  'hostile/locks',
  'hostile/look-alikes',
  'hostile/open-redirects',
  'hostile/pollution',
  'pages/explanations',
  'pages/pages-csp',
  'pages/pages-without-window',
  // Popups and their blocker, gestures, history, cookies of frames, groups of windows (COOP).
  'windows/login-popup',
  'windows/login-popup-opens',
  'windows/login-popup-ends',
  'windows/login-busy',
  'windows/login-redirect',
  'windows/login-history',
  'windows/login-silent',
  'windows/login-logout',
  'windows/login-coop',
  'windows/login-coop-later-page',
  'windows/login-embedded',
  'windows/overlay',
  'windows/login-callback-page',
  'windows/login-in-frame',
  'windows/login-among-markup',
  // Storage, locks and channels of several tabs, and workers.
  'tabs/store-kinds',
  'tabs/store-private',
  'tabs/store-blocked',
  'tabs/store-emptied',
  'tabs/store-versions',
  'tabs/store-session-frames',
  'tabs/tabs-sync',
  'tabs/tabs-lock',
  'tabs/tabs-storm',
  'tabs/worker-vault',
  // Keys, requests that a page outlives, errors of `fetch`, and clocks.
  'session/dpop',
  'session/fetch',
  'session/logout',
  'session/logout-when-idle',
  'session/auth-error-clone',
  'session/tokens-renewal',
  'session/tokens-reload',
  'session/tokens-offline',
  // What people see and touch.
  'element/element',
  'element/element-look',
  'demo/demo',
  'demo/demo-quick-starts',
]

// A file that no project takes would never run, and nobody would see it.
const placeless = readdirSync('test/browser').filter((name) => !Object.hasOwn(places, name))
if (placeless.length) throw new Error(`not in "places" of playwright.config.ts: ${placeless.join(', ')}`)

// A folder for each run: two runs in one working copy do not clean up after each other.
process.env['TEST_RUN'] ??= String(process.pid)
const report = process.env['TEST_REPORT']
const json: ReporterDescription[] = report ? [['json', { outputFile: report }]] : []
const shell = shellLaunchOptions()
const runsAll = Boolean(process.env['TEST_ALL'])

/** The files of the folders that have one of these places. */
function filesOf(...chosen: Place[]): string[] {
  return Object.keys(places)
    .filter((folder) => chosen.includes(places[folder]!))
    .flatMap((folder) =>
      readdirSync(`test/browser/${folder}`).map((file) => `**/test/browser/${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.spec.ts'))
}

/** The files of these names, which are a folder of test/browser and a name. */
function filesNamed(names: string[]): string[] {
  const missing = names.filter((name) => !existsSync(`test/browser/${name}.spec.ts`))
  if (missing.length) throw new Error(`playwright.config.ts names no file: ${missing.join(', ')}`)
  return names.map((name) => `**/test/browser/${name}.spec.ts`)
}

function firefox(name: string, testMatch: string[]) {
  const use = { browserName: 'firefox' as const, launchOptions: launchOptions('firefox') }
  return { name, testMatch, use }
}

/**
 * How many files one Firefox of a run of everything gets. Firefox keeps 7 MB of each closed window and slows down with
 * each. After 25 tests per worker, a new one, which starts in 4 s, costs less.
 */
const filesPerFirefox = 7

/** The projects of Firefox: one, or in a run of everything, as many as `filesPerFirefox` requires. */
function buildFirefoxes(): ReturnType<typeof firefox>[] {
  const all = filesOf('browser', 'engine')
  if (!runsAll) return [firefox('firefox', all)]
  const files = process.env['EVERY_ENGINE'] ? all : filesNamed(ofFirefox)
  const count = Math.ceil(files.length / filesPerFirefox)
  return Array.from({ length: count }, (_, index) =>
    firefox(`firefox ${index + 1}`, files.slice(index * filesPerFirefox, (index + 1) * filesPerFirefox)),
  )
}

/** The tests that run again with `latchkey/lazy`, in one engine: logins, tokens, tabs, stores and logouts. */
const ofLazy = [
  'windows/login-popup',
  'windows/login-redirect',
  'windows/login-logout',
  'windows/login-silent',
  'session/logout',
  'session/tokens-renewal',
  'tabs/tabs-sync',
  'tabs/store-kinds',
  'tabs/store-logout',
]
const lazy = {
  name: 'lazy',
  testMatch: filesNamed(ofLazy),
  use: {
    browserName: 'chromium' as const,
    launchOptions: shell ?? launchOptions('chromium'),
    entry: 'latchkey/lazy' as const,
  },
}

/** The tests that run again with the session in a worker that all tabs share, in one engine. */
const ofWorker = [
  'windows/login-popup',
  'windows/login-redirect',
  'windows/login-silent',
  'session/logout',
  'session/tokens-renewal',
  'session/dpop',
  'session/dpop-nonces',
  'session/fetch',
  'answers/exchange-fetch',
  'answers/exchange-session',
  'tabs/tabs-sync',
]
const worker = {
  name: 'worker',
  testMatch: filesNamed(ofWorker),
  use: {
    browserName: 'chromium' as const,
    launchOptions: shell ?? launchOptions('chromium'),
    vaultIn: 'shared' as const,
  },
}

export default defineConfig<RigOptions>({
  testDir: 'test/browser',
  outputDir: `test-results/${process.env['TEST_RUN']}`,
  globalSetup: './test/rig/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  // A second try tells a flaky test from a broken one; `npm test` names the flaky ones, and fails when they are many.
  retries: report ? 1 : 0,
  timeout: 30_000,
  forbidOnly: Boolean(report),
  reporter: [['list'], ...json],
  projects: [
    {
      name: 'chromium',
      testMatch: filesOf(...(shell ? (['browser'] as const) : (['browser', 'engine'] as const))),
      use: { browserName: 'chromium', launchOptions: launchOptions('chromium') },
    },
    ...(shell
      ? [
          {
            name: 'chromium shell',
            testMatch: filesOf('engine'),
            use: { browserName: 'chromium' as const, launchOptions: shell },
          },
        ]
      : []),
    ...(runsAll ? [lazy, worker] : []),
    ...buildFirefoxes(),
    // WebKitGTK by its WebDriver: Playwright's own WebKit is another build, which not every machine can download.
    { name: 'webkit', testDir: 'test/webkit', timeout: 60_000, expect: { timeout: 15_000 } },
    ...(canShowWindows()
      ? [
          {
            name: 'headed',
            // One display has one focus: windows of two tests would take it from each other.
            workers: 1,
            testMatch: filesOf('headed'),
            use: {
              browserName: 'chromium' as const,
              headless: false,
              launchOptions: launchOptions('chromium'),
            },
          },
        ]
      : []),
  ],
})
