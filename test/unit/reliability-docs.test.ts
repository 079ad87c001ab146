import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findMissingTests, findNamedTests } from './named-tests.js'

const doc = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')
const [, section = ''] = /^## Time and storage$([^]*?)^## /m.exec(doc) ?? []

test('docs/reliability.md names only tests that exist', () => {
  expect(findMissingTests(doc)).toEqual([])
})

test('each row of "Time and storage" names a test by its title', () => {
  const rows = section.split('\n').filter((line) => /^\| [^-w]/.test(line))
  expect(rows.length).toBeGreaterThan(15)
  for (const row of rows)
    expect([row, findNamedTests(row).some(({ titles }) => titles.length)]).toEqual([row, true])
})
