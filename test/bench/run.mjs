// Measures how fast the built package is in real browsers, after installing and building what is missing.
//
//   npm run bench                    in Chromium
//   npm run bench -- --firefox       in Firefox as well
//   npm run bench -- --rounds 5      fewer rounds of each measurement than 20
//   npm run bench -- --write         keeps the figures in test/figures/bench.json, which the README shows
//   npm run bench -- --vaults        what a vault in a worker costs; with --write, into docs/worker-vault.md
//   npm run bench -- --no-build      what is in dist, as it is
//   npm run bench -- --baseline ../old --baseline-name v0.1
//                                    another checkout with a built package as well, in the same run

import { runWithBuild } from '../rig/run-with-build.mjs'

await runWithBuild(process.argv.includes('--vaults') ? 'test/bench/vault-costs.ts' : 'test/bench/main.ts')
