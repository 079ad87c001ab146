import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { putMatrix, readResults } from '../servers/matrix.js'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('docs/servers.md has the results of the last runs', async () => {
  const doc = read('docs/servers.md')
  const results = readResults()
  expect(await putMatrix(doc, results)).toBe(doc)
  // The control: another result would show.
  const [name, result] = Object.entries(results)[0]!
  expect(await putMatrix(doc, { ...results, [name]: { ...result, date: '1970-01-01' } })).not.toBe(doc)
}, 30_000)

test('each row of the matrix is the title of a test, and none has failed', () => {
  const tests = ['server', 'demo', 'shop'].map((name) => read(`test/servers/walk-${name}.ts`)).join('')
  for (const { title: server, rows } of Object.values(readResults()))
    for (const [title, row] of Object.entries(rows)) {
      expect(tests, `${server}: ${title}`).toContain(title)
      expect('skipped' in row || row.passed, `${server}: ${title}`).toBe(true)
    }
})
