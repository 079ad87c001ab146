import { defineConfig, type ReporterDescription } from '@playwright/test'
import { canShowWindows, launchOptions } from './test/rig/browsers.mjs'

// A folder for each run: two runs in one working copy do not clean up after each other.
process.env['TEST_RUN'] ??= String(process.pid)
const report = process.env['TEST_REPORT']
const json: ReporterDescription[] = report ? [['json', { outputFile: report }]] : []
// A Firefox that has run 200 tests holds 3 GB and takes seconds longer for each one more: a run of all of them starts a
// new one now and then. Each part is a project, by the first letter of its files.
const firefoxParts = process.env['TEST_ALL'] ? ['a-e', 'f-l', 'm-p', 'q-z'] : ['a-z']
const headed = /\.headed\.spec\.ts$/

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
      use: { browserName: 'chromium', launchOptions: launchOptions('chromium') },
    },
    ...firefoxParts.map((letters) => ({
      name: firefoxParts.length > 1 ? `firefox ${letters}` : 'firefox',
      testIgnore: headed,
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
