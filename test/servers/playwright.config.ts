import { defineConfig } from '@playwright/test'
import { launchOptions } from '../rig/browsers.mjs'

// Servers that main.ts has started (README.md here). One test after the other: they share the server and its users, and the
// app's origin must be the one that is registered there.
const file = process.env['TEST_SERVERS_REPORT']
const report: [string, object][] = file ? [['json', { outputFile: file }]] : []

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/servers',
  globalSetup: '../rig/global-setup.ts',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ...report],
  projects: [
    { name: 'chromium', use: { browserName: 'chromium', launchOptions: launchOptions('chromium') } },
    { name: 'firefox', use: { browserName: 'firefox', launchOptions: launchOptions('firefox') } },
  ],
})
