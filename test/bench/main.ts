import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildBaseline, buildConsumers } from '../rig/build-consumers.js'
import type { BrowserName } from '../rig/browsers.mjs'
import {
  formatRequests,
  titles,
  writeBenchRun,
  type BenchRun,
  type BrowserFigures,
  type Figure,
  type Measurement,
} from './bench-run.js'
import { measureBrowser } from './measure-browser.js'
import { readVersions } from './read-versions.js'

const { values } = parseArgs({
  options: {
    firefox: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '20' },
    baseline: { type: 'string' },
    'baseline-name': { type: 'string', default: 'the baseline' },
  },
})
const rounds = Number(values.rounds)
if (!(rounds >= 1)) throw new TypeError(`--rounds must be a number of at least 1, got "${values.rounds}"`)

await buildConsumers()
const run: BenchRun = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  versions: readVersions(),
  browsers: [],
}
const names: BrowserName[] = values.firefox ? ['chromium', 'firefox'] : ['chromium']
const { baseline: folder, 'baseline-name': baselineName } = values
if (folder !== undefined) {
  await buildBaseline(resolve(folder, 'dist'))
  run.baseline = { name: baselineName, browsers: [] }
}
for (const name of names) {
  const measured = await measureBrowser(name, rounds)
  run.browsers.push(measured)
  report(measured)
  if (!run.baseline) continue
  const baseline = await measureBrowser(name, rounds, 'baseline/latchkey.js')
  run.baseline.browsers.push(baseline)
  report(baseline, ` with ${baselineName}`)
}
const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`)
console.log(`\n${run.date} · Node ${run.node} · ${versions.join(' · ')}`)
if (values.write) {
  writeBenchRun(run)
  console.log(
    'Kept in test/figures/bench.json; "npx tsx test/figures/write-readme-figures.ts" takes it into the README.',
  )
}

function report({ name, version, figures }: BrowserFigures, build = ''): void {
  console.log(
    `\n${name} ${version}${build}, ${rounds} rounds: median (minimum to maximum) · requests to the authorization server`,
  )
  for (const [measurement, figure] of Object.entries(figures) as [Measurement, Figure][]) {
    const { unit, median, min, max, requests } = figure
    const time = `${median} ${unit} (${min} to ${max})`
    console.log(`  ${titles[measurement].padEnd(58)} ${time.padEnd(28)} ${formatRequests(requests)}`)
  }
}
