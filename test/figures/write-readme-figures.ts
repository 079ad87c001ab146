// Measures the built package and writes the figures into the README: npx tsx test/figures/write-readme-figures.ts
// Times come from the last `npm run bench -- --write`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readBenchRun } from '../bench/bench-run.js'
import { measureSizes } from './measure-size.js'
import { buildReadmeBlock, markers, replaceBlock } from './readme-block.js'

const readme = fileURLToPath(new URL('../../README.md', import.meta.url))
const block = await buildReadmeBlock(await measureSizes(), readBenchRun())
if (existsSync(readme)) {
  writeFileSync(readme, replaceBlock(readFileSync(readme, 'utf8'), block))
  console.log(`README.md has these figures now:\n\n${block}`)
} else {
  console.log(
    `There is no README.md yet. These figures belong into it:\n\n${markers.start}\n\n${block}\n\n${markers.end}`,
  )
}
