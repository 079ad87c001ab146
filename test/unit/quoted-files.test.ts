import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { quickStarts } from '../../demo/quick-starts.js'
import { findQuotedFiles, renewQuotedFiles } from '../../docs/quoted-files.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const quoted = guides.flatMap((guide) =>
  findQuotedFiles(read(join('docs', guide))).map((one) => ({ guide, ...one })),
)

test.each(quoted)('docs/$guide quotes $path as it is', ({ path, code }) => {
  expect(code, 'run "npx tsx docs/write-quoted-files.ts"').toBe(read(path))
})

test.each([...quickStarts])(
  'the guide to %s quotes every file of its app but the look and the settings',
  (name) => {
    const ofApp = readdirSync(join(root, 'demo', name)).map((file) => `demo/${name}/${file}`)
    const inGuide = quoted.filter(({ guide }) => guide === `${name}.md`).map(({ path }) => path)
    expect(existsSync(join(root, 'docs', `${name}.md`))).toBe(true)
    expect(inGuide.sort()).toEqual(ofApp.sort())
  },
)

test('a file that changed is found, and renewed', () => {
  const markdown = '# Title\n\n<!-- file: a.ts -->\n\n```ts\nold()\n```\n\nMore\n'
  expect(findQuotedFiles(markdown)).toEqual([{ path: 'a.ts', code: 'old()\n' }])
  const renewed = renewQuotedFiles(markdown, () => 'fresh()\n')
  expect(findQuotedFiles(renewed)).toEqual([{ path: 'a.ts', code: 'fresh()\n' }])
  expect(renewed).toMatch(/^# Title\n[^]*\n\nMore\n$/)
})
