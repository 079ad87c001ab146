import { defineConfig, type ReporterDescription } from '@playwright/test'
import { canShowWindows, launchOptions, shellLaunchOptions } from './test/rig/browsers.mjs'

// A folder for each run: two runs in one working copy do not clean up after each other.
process.env['TEST_RUN'] ??= String(process.pid)
const report = process.env['TEST_REPORT']
const json: ReporterDescription[] = report ? [['json', { outputFile: report }]] : []
const headed = /\.headed\.spec\.ts$/

// Windows, gestures, tabs and history are the browser's; all else is the engine's, and Chromium's headless shell has that.
const ofTheBrowser = /\/(demo|element|global|lazy|login|overlay|par|rig|step-up|store|tabs)[^/]*\.spec\.ts$/
const shell = shellLaunchOptions()

// What a server answers is looked at by the same code in each engine: `npm test` takes Chromium for that, and
// `EVERY_ENGINE=1 npm test` both.
const ofTheAnswer =
  /\/(checks-(authorization-response|clock|endpoints|id-token|keys|redirect-uri|refresh)|exchange[^/]*|guide-apps|login-server-errors|rar|react[^/]*|readme-apps|services|session-edges|testing|tokens-(faults|resources)|userinfo[^/]*|vite|vue)\.spec\.ts$/
const runsAll = Boolean(process.env['TEST_ALL'])
const leftOut = runsAll && !process.env['EVERY_ENGINE'] ? [headed, ofTheAnswer] : headed
// A Firefox that has run 200 tests holds 3 GB and takes seconds longer for each one more: a run of all of them starts a
// new one now and then. Each part is a project, by the first letter of its files.
const firefoxParts = runsAll ? ['a-k', 'l-o', 'p-z'] : ['a-z']

export default defineConfig({
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
      testIgnore: headed,
      ...(shell && { testMatch: ofTheBrowser }),
      use: { browserName: 'chromium', launchOptions: launchOptions('chromium') },
    },
    ...(shell
      ? [
          {
            name: 'chromium shell',
            testIgnore: [headed, ofTheBrowser],
            use: { browserName: 'chromium' as const, launchOptions: shell },
          },
        ]
      : []),
    ...firefoxParts.map((letters) => ({
      name: firefoxParts.length > 1 ? `firefox ${letters}` : 'firefox',
      testIgnore: leftOut,
      testMatch: new RegExp(`/[${letters}][^/]*\\.spec\\.ts$`),
      use: { browserName: 'firefox' as const, launchOptions: launchOptions('firefox') },
    })),
    ...(canShowWindows()
      ? [
          {
            name: 'headed',
            // One display has one focus: windows of two tests would take it from each other.
            workers: 1,
            testMatch: headed,
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
