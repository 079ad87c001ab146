// Writes docs/api.md out of the doc comments of all entries in package.json: npx tsx docs/write-api.ts
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildReference, referencePath } from '../test/unit/api-reference.js'

writeFileSync(fileURLToPath(new URL(`../${referencePath}`, import.meta.url)), await buildReference())
console.log(`${referencePath} says what the doc comments say`)
