import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { quickStarts } from '../../demo/quick-start-page.js'
import { findQuotedFiles, renewQuotedFiles } from '../../docs/quoted-files.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** The pages that a reader need not write: those of the templates do the same. */
const isOfTemplate = ['demo/react/index.html', 'demo/vue/index.html']
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const quoted = guides.flatMap((guide) =>
  findQuotedFiles(read(join('docs', guide))).map((one) => ({ guide, ...one })),
)

test.each(quoted)('docs/$guide quotes $path as it is', ({ path, code }) => {
  expect(code, 'run "npx tsx docs/write-quoted-files.ts"').toBe(read(path))
})

test.each([...quickStarts])(
  'the guide to %s quotes every file of its app except the template’s own page',
  (name) => {
    const files = readdirSync(join(root, 'demo', name), { recursive: true, withFileTypes: true })
    const ofApp = files
      .filter((file) => file.isFile())
      .map((file) => relative(root, join(file.parentPath, file.name)).replaceAll('\\', '/'))
      .filter((path) => !isOfTemplate.includes(path))
    const inGuide = quoted.filter(({ guide }) => guide === `${name}.md`).map(({ path }) => path)
    expect(existsSync(join(root, 'docs', `${name}.md`))).toBe(true)
    expect(inGuide.sort()).toEqual(ofApp.sort())
  },
)

test.each(isOfTemplate)('%s starts the app like the page of its template', (path) => {
  const template = path.replace(/^demo\/(\w+)/, 'node_modules/create-vite/template-$1-ts')
  const [body, ofTemplate] = [read(path), read(template)].map((html) =>
    /<body>([^]*)<\/body>/.exec(html)?.[1]?.trim(),
  )
  expect(body).toMatch(/<div id="\w+">[^]*<script type="module" src="\/src\//)
  expect(body).toBe(ofTemplate)
})

test('finds and updates a changed file', () => {
  const markdown = '# Title\n\n<!-- file: a.ts -->\n\n```ts\nold()\n```\n\nMore\n'
  expect(findQuotedFiles(markdown)).toEqual([{ path: 'a.ts', code: 'old()\n' }])
  const renewed = renewQuotedFiles(markdown, () => 'fresh()\n')
  expect(findQuotedFiles(renewed)).toEqual([{ path: 'a.ts', code: 'fresh()\n' }])
  expect(renewed).toMatch(/^# Title\n[^]*\n\nMore\n$/)
})
