// Puts the code of the demo's small apps into the guides that quote it: npx tsx docs/write-quoted-files.ts

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renewQuotedFiles } from './quoted-files.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))

for (const guide of guides) {
  const path = join(root, 'docs', guide)
  const markdown = readFileSync(path, 'utf8')
  const renewed = renewQuotedFiles(markdown, (file) => readFileSync(join(root, file), 'utf8'))
  if (renewed === markdown) continue
  writeFileSync(path, renewed)
  console.log(`docs/${guide} has the code of today`)
}
