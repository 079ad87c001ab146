import { defineConfig, type ReporterDescription } from '@playwright/test'
import { canShowWindows, launchOptions } from './test/rig/browsers.mjs'

// A folder for each run: two runs in one working copy do not clean up after each other.
process.env['TEST_RUN'] ??= String(process.pid)
const report = process.env['TEST_REPORT']
const json: ReporterDescription[] = report ? [['json', { outputFile: report }]] : []
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
    {
      name: 'firefox',
      testIgnore: headed,
      use: { browserName: 'firefox', launchOptions: launchOptions('firefox') },
    },
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
