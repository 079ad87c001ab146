// Runs tabs of a real browser against a real authorization server whose answers are spoiled, and judges what became of the sessions.
//
//   npm run soak                                  5,000 refreshes, with a seed of its own
//   npm run soak -- --seed 7 --refreshes 200      the same faults and incidents again
//   npm run soak -- --write                       keeps the figures in results.json and docs/reliability.md
//   npm run soak -- --record soak.json            keeps the proxy's record and the tabs' reports
//   npm run soak -- --no-build                    what is in dist, as it is

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { buildConsumers } from '../rig/build-consumers.js'
import { launchOptions } from '../rig/browsers.mjs'
import { judge } from './judge.js'
import type { SoakRecord } from './record.js'
import { writeResult } from './results.js'
import { countRefreshes, runSoak } from './run-soak.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    refreshes: { type: 'string', default: '5000' },
    minutes: { type: 'string', default: '90' },
    record: { type: 'string' },
    write: { type: 'boolean', default: false },
    // Read by run.mjs.
    'no-build': { type: 'boolean' },
  },
})
const seed = Number(values.seed)
const refreshes = Number(values.refreshes)

console.log(`seed ${seed}, ${refreshes} refreshes`)
await buildConsumers()
const browser = await chromium.launch(launchOptions('chromium'))
const started = Date.now()
const reported = new Set<string>()
const onProgress = (record: SoakRecord) => {
  const minutes = ((Date.now() - started) / 60_000).toFixed(1)
  const { losses, logins, incidents, tokens } = record
  const { failures } = judge(record, { refreshes: 0 })
  console.log(
    `${minutes} min: ${countRefreshes(record)} refreshes, ${incidents.length} incidents, ${tokens} tokens, ` +
      `${losses.length} losses, ${logins.length} logins, ${failures.length} failures`,
  )
  for (const failure of failures) if (!reported.has(failure)) console.error(`failed: ${failure}`)
  for (const failure of failures) reported.add(failure)
  if (values.record) writeFileSync(values.record, JSON.stringify(record, null, 1))
}
const record = await runSoak(browser, { seed, refreshes, limit: Number(values.minutes) * 60_000, onProgress })
const chromiumVersion = browser.version()
await browser.close()
if (values.record) writeFileSync(values.record, JSON.stringify(record, null, 1))
const { figures, failures } = judge(record, { refreshes })
console.log(figures)
for (const failure of failures) console.error(`failed: ${failure}`)
if (values.write)
  await writeResult({
    date: new Date().toISOString().slice(0, 10),
    seed,
    minutes: Math.round((Date.now() - started) / 60_000),
    tabs: 20,
    sessions: record.clients.length,
    versions: { ...readVersions(), Chromium: chromiumVersion },
    figures,
  })
process.exitCode = failures.length ? 1 : 0

function readVersions(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string
    devDependencies: Record<string, string>
  }
  const { 'oidc-provider': provider = '' } = manifest.devDependencies
  return { latchkey: manifest.version, 'oidc-provider': provider }
}
