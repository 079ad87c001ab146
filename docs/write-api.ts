// Writes docs/api.md from the doc comments of all entries in package.json, and the index of messages in docs/errors.md from the
// source: npx tsx docs/write-api.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildReference, referencePath } from '../test/unit/api-reference.js'
import { errorsPath, renewMessageIndex } from '../test/unit/message-index.js'

const locate = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
writeFileSync(locate(referencePath), await buildReference())
console.log(`${referencePath} says what the doc comments say`)
writeFileSync(locate(errorsPath), renewMessageIndex(readFileSync(locate(errorsPath), 'utf8')))
console.log(`${errorsPath} lists the messages of the source`)
