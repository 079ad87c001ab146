// Measures how fast the built package is in real browsers, after installing and building what is missing.
//
//   npm run bench                    in Chromium
//   npm run bench -- --firefox       in Firefox as well
//   npm run bench -- --rounds 5      fewer rounds of each measurement than 20
//   npm run bench -- --write         keeps the figures in test/figures/bench.json, which the README shows
//   npm run bench -- --no-build      what is in dist, as it is
//   npm run bench -- --baseline ../old --baseline-name v0.1
//                                    another checkout with a built package as well, in the same run

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureDependencies, runNpm } from '../../demo/install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

try {
  ensureDependencies()
  const { ensureBrowsers } = await import('../rig/browsers.mjs')
  await ensureBrowsers()
  if (!process.argv.includes('--no-build')) runNpm('run', 'build')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const parameters = ['--import', 'tsx', 'test/bench/main.ts', ...process.argv.slice(2)]
const bench = spawn(process.execPath, parameters, { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => bench.kill(signal))
bench.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
