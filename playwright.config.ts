import { readdirSync } from 'node:fs'
import { defineConfig, type ReporterDescription } from '@playwright/test'
import type { RigOptions } from './test/rig/fixtures.js'
import { canShowWindows, launchOptions, shellLaunchOptions } from './test/rig/browsers.mjs'

/** Where the tests of a folder of test/browser run. */
interface Place {
  /**
   * `browser`: windows, gestures, tabs and history, which are the browser's, in all of Chromium. `engine`: all else, in Chromium's
   * headless shell, which is the same engine without the browser around it. `headed`: Chromium with a window and a true focus.
   */
  chromium: 'browser' | 'engine' | 'headed'
  /**
   * Whether Firefox runs them. `left out`: what is tested is the same code in each engine, looking at the same answer of a server or
   * at the same fault that the test simulates, so `npm test` runs it in Chromium only, and `EVERY_ENGINE=1 npm test` in both.
   */
  firefox: 'too' | 'left out' | 'never'
}

/** A folder says what its tests are about, and so where they run. A new folder belongs in here. */
const places: Record<string, Place> = {
  // How answers come back: messages, frames, each way of login.
  delivery: { chromium: 'engine', firefox: 'too' },
  demo: { chromium: 'browser', firefox: 'too' },
  element: { chromium: 'browser', firefox: 'too' },
  // Attacks on a page: polluted prototypes, forged messages and stored values, look-alike URLs.
  hostile: { chromium: 'engine', firefox: 'too' },
  // What surrounds a page: policies, secrets, closing, no window at all.
  pages: { chromium: 'engine', firefox: 'too' },
  rig: { chromium: 'browser', firefox: 'too' },
  // Tokens, requests and logouts of one session.
  session: { chromium: 'engine', firefox: 'too' },
  // Stores, and what tabs share by them.
  tabs: { chromium: 'browser', firefox: 'too' },
  // Popups, overlays, redirects, and what becomes of them.
  windows: { chromium: 'browser', firefox: 'too' },

  // React, Vue, Vite, guides, and test clients.
  apps: { chromium: 'engine', firefox: 'left out' },
  // What a page makes of a server's answer; most of that is in test/answers, in Node.
  answers: { chromium: 'engine', firefox: 'left out' },
  // Stores that the test breaks, in the same way in each engine.
  'broken-stores': { chromium: 'engine', firefox: 'left out' },
  // How many requests and transactions the client makes.
  figures: { chromium: 'engine', firefox: 'left out' },

  headed: { chromium: 'headed', firefox: 'never' },
}

// A file that no project takes would never run, and nobody would see it.
const placeless = readdirSync('test/browser').filter((name) => !Object.hasOwn(places, name))
if (placeless.length) throw new Error(`not in "places" of playwright.config.ts: ${placeless.join(', ')}`)

// A folder for each run: two runs in one working copy do not clean up after each other.
process.env['TEST_RUN'] ??= String(process.pid)
const report = process.env['TEST_REPORT']
const json: ReporterDescription[] = report ? [['json', { outputFile: report }]] : []
const shell = shellLaunchOptions()
const runsAll = Boolean(process.env['TEST_ALL'])
const leavesOut = runsAll && !process.env['EVERY_ENGINE']

/** The files of the folders whose place is so. None is a pattern that fits nothing. */
function filesWhere(isSo: (place: Place) => boolean): string[] {
  return Object.keys(places)
    .filter((folder) => isSo(places[folder]!))
    .map((folder) => `**/test/browser/${folder}/*.spec.ts`)
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
  if (!runsAll)
    return [
      firefox(
        'firefox',
        filesWhere((place) => place.firefox !== 'never'),
      ),
    ]
  const isTaken = (place: Place) => place.firefox === 'too' || (place.firefox === 'left out' && !leavesOut)
  const files = Object.keys(places)
    .filter((folder) => isTaken(places[folder]!))
    .flatMap((folder) =>
      readdirSync(`test/browser/${folder}`).map((name) => `**/test/browser/${folder}/${name}`),
    )
    .filter((file) => file.endsWith('.spec.ts'))
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
  testMatch: ofLazy.map((name) => `**/test/browser/${name}.spec.ts`),
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
  testMatch: ofWorker.map((name) => `**/test/browser/${name}.spec.ts`),
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
      testMatch: filesWhere(({ chromium }) => chromium === 'browser' || (!shell && chromium === 'engine')),
      use: { browserName: 'chromium', launchOptions: launchOptions('chromium') },
    },
    ...(shell
      ? [
          {
            name: 'chromium shell',
            testMatch: filesWhere(({ chromium }) => chromium === 'engine'),
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
            testMatch: filesWhere(({ chromium }) => chromium === 'headed'),
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
